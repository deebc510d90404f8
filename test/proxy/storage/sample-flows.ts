import { readFileSync } from 'node:fs';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Headers } from '../../../src/proxy/message/headers.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { FlowReader } from '../../../src/proxy/storage/flow-reader.js';

/** The names of the recorded files. */
export const recordings = [
  ...['basic', 'chunks', 'dns', 'encodings', 'errors', 'forms', 'modes', 'tcp', 'tls', 'views', 'websockets'],
];

export function recording(name: string): Buffer {
  return readFileSync(`fixtures/proxy/flows/${name}.mitm`);
}

/** All flows in bytes. */
export function flowsIn(bytes: Buffer): Flow[] {
  const reader = new FlowReader();
  reader.receive(bytes);
  reader.finish();
  return [...reader];
}

/** Flows made here, of every kind that is recorded. */
export function ownFlows(): Flow[] {
  const plain = new HttpFlow(
    Request.make('POST', 'http://a.test:8080/p?q=é#x'.replace('é', '%C3%A9'), 'body', { 'X-A': 'ü' }),
  );
  plain.request.timestampStart = 1700000000;
  plain.response = Response.make(203, 'answer', [
    ['set-cookie', 'a=b'],
    ['Set-Cookie', 'c=d'],
  ]);
  plain.response.encode('gzip');
  plain.response.trailers = new Headers({ 'X-Sum': '1' });
  plain.marked = ':grapes:';
  plain.comment = 'näher ansehen';
  plain.metadata = { a: [1, 1.5, 'x', null, true], b: { c: 'd' } };
  const failed = new HttpFlow(Request.make('GET', 'https://b.test/'));
  failed.error = { message: 'it failed', timestamp: 1700000001.5 };
  const talk = new HttpFlow(Request.make('GET', 'http://c.test/chat'));
  talk.response = Response.make(101);
  talk.websocket = new WebSocketData();
  talk.websocket.messages.push(
    new WebSocketMessage(1, true, Buffer.from('hé'), 1700000002),
    new WebSocketMessage(2, false, Buffer.from([0, 255]), 1700000003),
  );
  talk.websocket.closeCode = 1000;
  talk.websocket.closedByClient = true;
  const bytes = new TcpFlow({});
  bytes.messages.push({ fromClient: true, content: Buffer.from([1, 2]), timestamp: 1700000004 });
  const edited = new HttpFlow(Request.make('GET', 'http://d.test/before'));
  edited.backup();
  edited.request.path = '/after';
  return [plain, failed, talk, bytes, edited];
}
