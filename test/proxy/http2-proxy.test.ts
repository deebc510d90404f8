import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { Http1Session } from '../../src/proxy/http1-session.js';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import { clientContext } from './client-context.js';
import { http2Upstream, upstreamsOf } from './http2-relay.js';
import { ask, nodeClient, nodeServer } from './node-http2.js';

async function proxyFor(mode: string, options: ProxyOptions = {}): Promise<Proxy & { readonly lines: string[] }> {
  const lines: string[] = [];
  const proxy = await Proxy.start(
    { mode, sslInsecure: true, ...options },
    { log: ({ level, message }) => lines.push(`${level}: ${message}`) },
  );
  onTestFinished(() => proxy.stop());
  return Object.assign(proxy, { lines });
}

async function http1Server(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const urlOf = (proxy: Proxy): string => `https://127.0.0.1:${String(proxy.port)}`;
const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

function httpFlows(proxy: Proxy): HttpFlow[] {
  return proxy.flows().filter((flow): flow is HttpFlow => flow instanceof HttpFlow);
}

describe('HTTP/2 on both sides', () => {
  test('messages, their bodies and trailers', async () => {
    const port = await nodeServer(
      (stream, headers) => {
        stream.respond(
          { ':status': 200, 'x-authority': headers[':authority'], 'x-cookie': headers.cookie },
          { waitForTrailers: true },
        );
        stream.on('wantTrailers', () => {
          stream.sendTrailers({ 'x-end': 'yes' });
        });
        stream.pipe(stream);
      },
      { tls: true },
    );
    const proxy = await proxyFor(`reverse:https://127.0.0.1:${String(port)}`);
    const client = nodeClient(urlOf(proxy));
    const body = randomBytes(3 * 1024 * 1024);
    const [large, small] = await Promise.all([
      ask(client, { ':path': '/large', ':method': 'POST', 'content-type': 'x/y' }, body),
      ask(client, { ':path': '/small?q=%C3%BC', ':method': 'PUT', cookie: ['a=1', 'b=2'] }, 'hello', { 'x-sum': '5' }),
    ]);
    expect(digest(large.body)).toBe(digest(body));
    expect(large.trailers).toMatchObject({ 'x-end': 'yes' });
    expect(String(small.body)).toBe('hello');
    expect(small.headers['x-authority']).toBe(`127.0.0.1:${String(port)}`);
    const flows = httpFlows(proxy);
    expect(flows.length).toBe(2);
    const flow = flows.find(({ request }) => request.path.startsWith('/small'));
    expect(flow?.request).toMatchObject({
      httpVersion: 'HTTP/2.0',
      scheme: 'https',
      authority: `127.0.0.1:${String(port)}`,
    });
    expect(flow?.request.text).toBe('hello');
    expect(flow?.request.trailers?.get('x-sum')).toBe('5');
    expect(flow?.response?.trailers?.get('x-end')).toBe('yes');
    expect(flow?.response).toMatchObject({ httpVersion: 'HTTP/2.0', reason: '', statusCode: 200 });
    expect(flow?.serverConn?.alpn).toBe('h2');
    expect(proxy.lines.filter((line) => /^(?:error|warn)/.test(line))).toEqual([]);
  });
});

test('a connection whose server changed the protocol, to which a client of HTTP/2 cannot, is not used again', async () => {
  const server = await rawServer((peer) => {
    void peer.until('\r\n\r\n').then((head) => {
      if (head.includes('Upgrade')) peer.send('HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n');
      else peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const upgrading: Addon = {
    requestheaders: ({ request }) => {
      if (request.path !== '/upgrade') return;
      request.headers.set('Connection', 'Upgrade');
      request.headers.set('Upgrade', 'foo');
    },
  };
  const proxy = await proxyFor(`reverse:http://127.0.0.1:${String(server.port)}`, { addons: [upgrading] });
  const client = nodeClient(urlOf(proxy));
  expect((await ask(client, { ':path': '/upgrade' })).status).toBe(502);
  const peer = await server.peer();
  await peer.until(() => peer.ended);
  expect(String((await ask(client, { ':path': '/' })).body)).toBe('ok');
});

test('from HTTP/2 to HTTP/1', async () => {
  const seen: IncomingMessage[] = [];
  const port = await http1Server((request, response) => {
    seen.push(request);
    response.writeHead(200, 'Fine', { Connection: 'keep-alive, X-Hop', 'X-Hop': '1', 'X-Kept': '2', Trailer: 'X-End' });
    request.pipe(response, { end: false });
    request.on('end', () => {
      response.addTrailers({ 'X-End': 'yes' });
      response.end();
    });
  });
  const proxy = await proxyFor(`reverse:http://127.0.0.1:${String(port)}`);
  const client = nodeClient(urlOf(proxy));
  const { status, headers, body, trailers } = await ask(
    client,
    { ':path': '/x', ':method': 'POST', cookie: ['a=1', 'b=2'], te: 'trailers' },
    'hello',
  );
  expect(status).toBe(200);
  expect(String(body)).toBe('hello');
  expect(headers).toMatchObject({ 'x-kept': '2' });
  expect(headers['x-hop']).toBeUndefined();
  expect(headers.connection).toBeUndefined();
  expect(trailers).toMatchObject({ 'x-end': 'yes' });
  const [request] = seen;
  expect(request?.rawHeaders.slice(0, 2)).toEqual(['Host', `127.0.0.1:${String(port)}`]);
  expect(request?.headers).toMatchObject({ cookie: 'a=1; b=2', te: 'trailers' });
  expect(httpFlows(proxy)[0]?.response).toMatchObject({ httpVersion: 'HTTP/1.1', reason: 'Fine' });
});

test('from HTTP/1 to HTTP/2', async () => {
  const port = await nodeServer((stream, headers) => {
    stream.respond({ ':status': 200, 'x-seen': JSON.stringify(headers) }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'x-end': 'yes' });
    });
    stream.pipe(stream);
  });
  const context = clientContext();
  const upstream = await http2Upstream(context, port);
  const upstreams = upstreamsOf(upstream);
  const fixed = upstream.link.destination;
  const route = { fixed, via: undefined, clientTls: false, rewritesHost: false };
  const client = await connectedTo((duplex) => new Http1Session({ context, route, upstreams, duplex }).run());
  client.send(
    'POST /x HTTP/1.1\r\nHost: example.com\r\nX-Mixed: a\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 5\r\n\r\nhello',
  );
  const text = (await client.until('x-end')).toString('latin1');
  expect(text).toMatch(/^HTTP\/1\.1 200 \r\n/);
  expect(text).toMatch(/transfer-encoding: chunked\r\n/);
  expect(text).toMatch(/\r\n5\r\nhello\r\n0\r\nx-end: yes\r\n/);
  const seen = JSON.parse(/x-seen: (.*)\r\n/.exec(text)?.[1] ?? '') as Record<string, string>;
  expect(seen).toMatchObject({ 'x-mixed': 'a', ':authority': 'example.com', 'content-length': '5' });
  expect(seen).not.toHaveProperty('host');
  expect(seen).not.toHaveProperty('x-hop');
});

/** A raw client of a server that does this with its one connection. */
async function connectedTo(serve: (duplex: Socket) => Promise<unknown>): Promise<Peer> {
  const server = createNetServer({ allowHalfOpen: true }, (duplex) => {
    server.close();
    void serve(duplex);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return connect((server.address() as AddressInfo).port);
}
