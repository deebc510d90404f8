import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type {
  ClientHttp2Session,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientContext } from './client-context.js';
import { http2Sessions, http2Upstream, keepAndSend, streamThrough } from './http2-relay.js';

async function nodeServer(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<number> {
  const server = createServer({ maxSessionMemory: 1000 });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', onStream);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function nodeClient(port: number): ClientHttp2Session {
  const client = connect(`http://127.0.0.1:${String(port)}`, { maxSessionMemory: 1000 });
  onTestFinished(() => {
    client.destroy();
  });
  client.on('error', () => undefined);
  return client;
}

interface Got {
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders | undefined;
}

async function ask(client: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Got> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  let got: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
  let trailers: IncomingHttpHeaders | undefined;
  stream.on('response', (headers) => (got = headers));
  stream.on('trailers', (headers) => (trailers = headers));
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return { headers: got ?? {}, body: Buffer.concat(pieces), trailers };
}

const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

describe.each([
  ['streamed', streamThrough],
  ['kept', keepAndSend],
])('bodies are %s', (_, exchange) => {
  test('both directions, large, concurrently, with trailers', async () => {
    const context = clientContext();
    const port = await nodeServer((stream, headers) => {
      if (headers[':path'] === '/echo') {
        stream.respond({ ':status': 201, 'x-method': headers[':method'] }, { waitForTrailers: true });
        stream.on('wantTrailers', () => {
          stream.sendTrailers({ 'x-end': 'yes' });
        });
        stream.pipe(stream);
      } else {
        stream.respond({ ':status': 200, 'content-length': 2, 'set-cookie': ['a=1', 'b=2'] });
        stream.end(headers[':method'] === 'HEAD' ? undefined : 'ok');
      }
    });
    const upstream = await http2Upstream(context, port);
    const { port: proxy } = await http2Sessions(
      context,
      exchange(() => upstream.open()),
    );
    const client = nodeClient(proxy);
    const body = randomBytes(5 * 1024 * 1024);
    const echoes = Array.from({ length: 5 }, () => ask(client, { ':path': '/echo', ':method': 'POST' }, body));
    const small = Array.from({ length: 50 }, () => ask(client, { ':path': '/' }));
    for (const { headers, body: got, trailers } of await Promise.all(echoes)) {
      expect(headers[':status']).toBe(201);
      expect(headers['x-method']).toBe('POST');
      expect(digest(got)).toBe(digest(body));
      expect(trailers).toMatchObject({ 'x-end': 'yes' });
    }
    for (const { headers, body: got } of await Promise.all(small)) {
      expect(headers).toMatchObject({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
      expect(String(got)).toBe('ok');
    }
    const head = await ask(client, { ':path': '/', ':method': 'HEAD' });
    expect(head.headers['content-length']).toBe('2');
    expect(context.lines).toEqual([]);
  });
});
