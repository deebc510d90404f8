/** Flows made by code, with everything that a flow can have. */
import { ClientConnection, ServerConnection } from '../../../src/proxy/flow/connection.js';
import { DnsFlow } from '../../../src/proxy/flow/dns-flow.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Headers } from '../../../src/proxy/message/headers.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { HeaderFields } from '../../../src/wire/headers.js';

const start = 1_700_000_000;

/** Both connections, with all that is known of them. */
function ends(): { clientConn: ClientConnection; serverConn: ServerConnection } {
  const clientConn = Object.assign(new ClientConnection(), {
    peername: ['::1', 50_000] as const,
    sockname: ['::1', 8080] as const,
    tls: true,
    tlsVersion: 'TLSv1.3',
    alpn: 'h2',
    alpnOffers: ['h2', 'http/1.1'],
    cipher: 'TLS_AES_256_GCM_SHA384',
    cipherList: ['TLS_AES_256_GCM_SHA384', 'ECDHE-RSA-AES128-SHA'],
    sni: 'bücher.example',
    error: 'it was closed',
    state: 3,
    timestampStart: start,
    timestampEnd: start + 9.5,
    timestampTlsSetup: start + 0.25,
    proxyMode: 'reverse:https://example.com',
  });
  const serverConn = Object.assign(new ServerConnection(), {
    address: ['example.com', 443] as const,
    peername: ['93.184.216.34', 443] as const,
    sockname: ['10.0.0.1', 40_000] as const,
    via: ['http', ['proxy.example', 3128]] as const,
    tls: true,
    alpn: '',
    timestampStart: start,
    timestampTcpSetup: start + 0.1,
  });
  return { clientConn, serverConn };
}

function answered(request: Request, response: Response): HttpFlow {
  const flow = new HttpFlow(request, ends());
  request.timestampStart = start + 1;
  request.timestampEnd = start + 1.125;
  response.timestampStart = start + 2;
  response.timestampEnd = start + 2.0000001;
  flow.response = response;
  return flow;
}

function strange(): HttpFlow {
  // Bytes outside ASCII, a folded value, duplicates, no value, no colon.
  const block = 'X-Ä: \xff\x80\r\nx-a: 1\r\nX-A: 2\r\nfolded: a\r\n  b\r\nempty:\r\nno colon\r\n';
  const headers = new Headers(new HeaderFields(Buffer.from(block, 'latin1')));
  const request = new Request({ method: 'gEt', host: 'h\xe4', port: 65_535, path: '/\udcff?ä=%', headers });
  const response = new Response({
    statusCode: 999,
    reason: 'sch\xf6n',
    httpVersion: 'HTTP/1.0',
    headers: headers.clone(),
  });
  return answered(request, response);
}

function withTrailers(): HttpFlow {
  const request = Request.make('POST', 'https://example.com/upload', Buffer.from([0, 255, 10]), { te: 'trailers' });
  const flow = answered(request, Response.make(200, 'text é', { 'content-type': 'text/plain; charset=utf-8' }));
  for (const message of [flow.request, flow.response]) {
    if (message === undefined) continue;
    message.httpVersion = 'HTTP/2.0';
    message.trailers = new Headers([['x-sum', Buffer.from([0xfe])]]);
  }
  flow.request.authority = 'example.com';
  flow.response?.encode('br');
  return flow;
}

function withoutBodies(): HttpFlow {
  const flow = answered(Request.make('PUT', 'http://example.com/large'), Response.make(200));
  flow.request.rawContent = undefined;
  if (flow.response) flow.response.rawContent = undefined;
  return flow;
}

function failed(): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', 'http://example.com:81/'));
  flow.error = { message: 'Verbindung gestört', timestamp: start + 3 };
  return flow;
}

function refusedConnect(): HttpFlow {
  const request = new Request({
    ...{ method: 'CONNECT', host: 'a.test', port: 443, scheme: '', authority: 'a.test:443', path: '' },
    ...{ headers: [], rawContent: Buffer.alloc(0) },
  });
  return answered(request, Response.make(502, 'no'));
}

function talk(): HttpFlow {
  const flow = answered(Request.make('GET', 'http://example.com/chat'), Response.make(101));
  flow.websocket = new WebSocketData();
  const injected = new WebSocketMessage(1, false, Buffer.from('from here'), start + 5);
  injected.injected = true;
  const dropped = new WebSocketMessage(2, true, Buffer.alloc(0), start + 6);
  dropped.drop();
  flow.websocket.messages.push(new WebSocketMessage(1, true, Buffer.from('hé'), start + 4), injected, dropped);
  Object.assign(flow.websocket, {
    closedByClient: false,
    closeCode: 4000,
    closeReason: 'tschüß',
    timestampEnd: start + 7,
  });
  return flow;
}

function marked(): HttpFlow {
  const flow = answered(Request.make('GET', 'http://example.com/'), Response.make(204));
  flow.marked = ':red_circle:';
  flow.comment = 'schön';
  flow.isReplay = 'request';
  flow.metadata = { list: [1, -1, 0.5, 1e300, 'x', null, true], deep: { er: { still: 'ja' } }, big: 2n ** 80n };
  flow.backup();
  flow.request.path = '/changed';
  return flow;
}

function stream(error: boolean): TcpFlow {
  const flow = new TcpFlow(ends());
  flow.messages.push(
    { fromClient: true, content: Buffer.from('hello\r\n'), timestamp: start + 1 },
    { fromClient: false, content: Buffer.alloc(100, 7), timestamp: start + 1.5 },
    { fromClient: false, content: Buffer.alloc(0), timestamp: start + 2 },
  );
  if (error) flow.error = { message: 'reset', timestamp: start + 4 };
  return flow;
}

function dns(): DnsFlow {
  const question = { name: 'a.test', type: 1, class: 1 };
  const request = {
    ...{ timestamp: start, id: 1, query: true, opCode: 0, authoritativeAnswer: false, truncation: false },
    ...{ recursionDesired: true, recursionAvailable: false, reserved: 0, responseCode: 0 },
    ...{ questions: [question], answers: [], authorities: [], additionals: [] },
  };
  const flow = new DnsFlow(request);
  const record = { ...question, ttl: 60, data: Buffer.from([127, 0, 0, 1]) };
  flow.response = { ...request, query: false, answers: [record], timestamp: start + 1 };
  return flow;
}

/** One flow or several of every kind, by name. */
export function madeFlows(): Readonly<Record<string, Flow>> {
  return {
    ...{ strange: strange(), withTrailers: withTrailers(), withoutBodies: withoutBodies(), failed: failed() },
    ...{ refusedConnect: refusedConnect(), talk: talk(), marked: marked(), stream: stream(false) },
    ...{ brokenStream: stream(true), dns: dns() },
  };
}
