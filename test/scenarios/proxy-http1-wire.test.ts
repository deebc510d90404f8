// HTTP/1 to the byte: what a raw client sends is what a raw server gets, and what follows a head is framed right.
import { describe, expect, test } from 'vitest';
import { connect } from '../kit/connect.js';
import type { Peer } from '../kit/peer.js';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';

interface Conversation extends StartedProxy {
  readonly client: Peer;
  readonly server: RawServer;
}

/** A raw client, a reverse proxy and a raw server. */
async function conversation(options: ProxyOptions = {}): Promise<Conversation> {
  const server = await rawServer();
  const mode = `reverse:http://127.0.0.1:${String(server.port)}`;
  const started = await startedProxy({ mode, keepHostHeader: true, ...options });
  return { ...started, server, client: await connect(started.proxy.port, { allowHalfOpen: true }) };
}

/** The first HTTP flow, once it has ended. */
async function flowOf({ proxy }: StartedProxy, filter = '~http'): Promise<HttpFlow> {
  const flow = await proxy.waitForFlow(filter);
  if (flow.type !== 'http') throw new Error('another flow');
  return flow;
}

const lines = (...all: readonly string[]): string => [...all, '', ''].join('\r\n');

describe('heads', () => {
  test('order, case, duplicates and bytes beyond ASCII stay, both ways', async () => {
    const talk = await conversation();
    const request = lines(
      'GET /caf\xc3\xa9/%7Euser;x?q=%20&q HTTP/1.1',
      'x-LAST: first',
      'hOsT: Service.Example:81',
      'X-Twice: one',
      'Accept:  spaced  ',
      'X-Empty:',
      'x-twice: two',
      'X-Bytes: \xe9\xff\x80 \t inner',
      'X-TWICE: one',
    );
    talk.client.send(request);
    const peer = await talk.server.peer();
    await peer.until('\r\n\r\n');
    expect(peer.text).toBe(request);
    const response = lines(
      'HTTP/1.1 299 \xfcber gut',
      'set-COOKIE: a=1',
      'X-b: \xe9',
      'Set-Cookie: b=2',
      'content-length: 0',
    );
    peer.send(response);
    await talk.client.until('\r\n\r\n');
    expect(talk.client.text).toBe(response);
    const flow = await flowOf(talk);
    expect(flow.request.headers.getAll('x-twice')).toEqual(['one', 'two', 'one']);
    expect(flow.response?.statusCode).toBe(299);
  });

  test('an unusual method, OPTIONS *, and a target in absolute form', async () => {
    const talk = await conversation();
    for (const first of ['M-SEARCH / HTTP/1.1', 'OPTIONS * HTTP/1.1', 'get / HTTP/1.1']) {
      talk.client.send(lines(first, 'Host: x'));
      const peer = await talk.server.peer();
      await peer.until(lines(first, 'Host: x'));
      peer.send(lines('HTTP/1.1 200 OK', 'Content-Length: 0'));
    }
    await talk.proxy.waitForFlow('~m get');
    expect(talk.proxy.flows('~c 200')).toHaveLength(3);
  });

  test('HTTP/1.0 clients get what ends with the connection', async () => {
    const talk = await conversation();
    talk.client.send(lines('GET / HTTP/1.0', 'Host: x'));
    const peer = await talk.server.peer();
    await peer.until('\r\n\r\n');
    peer.send(lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + '5\r\nhello\r\n0\r\n\r\n');
    const got = String(await talk.client.untilEnd());
    expect(got).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
    expect(got).toMatch(/hello$/);
    expect(got.toLowerCase()).not.toContain('chunked');
  });
});

describe('bodies', () => {
  test('chunks with extensions and trailers, both ways', async () => {
    const talk = await conversation();
    const body = '5;name="va;lue"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\nx-More: \xe9\r\n\r\n';
    talk.client.send(lines('POST / HTTP/1.1', 'Host: x', 'Trailer: X-Sum', 'Transfer-Encoding: chunked') + body);
    const peer = await talk.server.peer();
    await peer.until('x-More: \xe9\r\n\r\n');
    expect(peer.text).toMatch(/\r\nhello!\r\n0\r\nX-Sum: 6\r\nx-More: \xe9\r\n\r\n$/);
    peer.send(lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + '2\r\nok\r\n0\r\nX-After: yes\r\n\r\n');
    await talk.client.until('X-After: yes\r\n\r\n');
    const { request, response } = await flowOf(talk);
    expect(request.text).toBe('hello!');
    expect(request.trailers?.get('x-sum')).toBe('6');
    expect(response?.trailers?.get('X-After')).toBe('yes');
  });

  test('HEAD, 204 and 304 have no body, whatever they promise, and the next response is not eaten', async () => {
    const talk = await conversation();
    const cases = [
      ['HEAD', 'HTTP/1.1 200 OK', 'Content-Length: 12'],
      ['HEAD', 'HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'],
      ['GET', 'HTTP/1.1 304 Not Modified', 'Content-Length: 99'],
      ['GET', 'HTTP/1.1 204 No Content', 'X-Nothing: there'],
      ['GET', 'HTTP/1.1 200 OK', 'Content-Length: 0'],
    ] as const;
    for (const [index, [method, status, field]] of cases.entries()) {
      talk.client.send(lines(`${method} /${String(index)} HTTP/1.1`, 'Host: x'));
      const peer = await talk.server.peer();
      await peer.until(` /${String(index)} `);
      const response = lines(status, field, `X-Index: ${String(index)}`);
      peer.send(response);
      await talk.client.until(response);
    }
    expect(talk.server.peers).toHaveLength(1);
    expect(talk.proxy.flows('~http')).toHaveLength(cases.length);
  });

  test('a body until the end of the connection', async () => {
    const talk = await conversation();
    talk.client.send(lines('GET / HTTP/1.1', 'Host: x'));
    const peer = await talk.server.peer();
    await peer.until('\r\n\r\n');
    peer.send(lines('HTTP/1.1 200 OK') + 'all of it').end();
    const got = String(await talk.client.until('all of it'));
    expect(got).toMatch(/\r\n\r\n.*all of it/s);
    expect((await flowOf(talk)).response?.text).toBe('all of it');
  });

  test('100 and 103 before the response, in their order', async () => {
    const talk = await conversation();
    talk.client.send(lines('GET / HTTP/1.1', 'Host: x'));
    const peer = await talk.server.peer();
    await peer.until('\r\n\r\n');
    const hints =
      lines('HTTP/1.1 103 Early Hints', 'Link: </a>; rel=preload') + lines('HTTP/1.1 103 Early Hints', 'Link: </b>');
    peer.send(hints);
    await talk.client.until(hints);
    const final = lines('HTTP/1.1 200 OK', 'Content-Length: 2') + 'ok';
    peer.send(final);
    await talk.client.until(final);
    expect(talk.client.text).toBe(hints + final);
    expect((await flowOf(talk)).response?.statusCode).toBe(200);
  });

  test('Expect: 100-continue is met by the proxy, which then sends all', async () => {
    const talk = await conversation();
    talk.client.send(lines('POST / HTTP/1.1', 'Host: x', 'Expect: 100-continue', 'Content-Length: 4'));
    await talk.client.until(lines('HTTP/1.1 100 Continue'));
    talk.client.send('data');
    const peer = await talk.server.peer();
    await peer.until('data');
    expect(peer.text.toLowerCase()).not.toContain('expect');
    peer.send(lines('HTTP/1.1 200 OK', 'Content-Length: 0'));
    await talk.client.until('200 OK');
    expect((await flowOf(talk)).request.text).toBe('data');
  });

  test('Expect: 100-continue of a streamed request is the server to meet, or to refuse', async () => {
    const talk = await conversation({
      addons: [{ name: 'stream', requestheaders: (flow) => void (flow.request.stream = true) }],
    });
    const head = lines('POST / HTTP/1.1', 'Host: x', 'Expect: 100-continue', 'Content-Length: 4');
    talk.client.send(head);
    const peer = await talk.server.peer();
    await peer.until(head);
    peer.send(lines('HTTP/1.1 100 Continue'));
    await talk.client.until('100 Continue');
    talk.client.send('data');
    await peer.until('data');
    peer.send(lines('HTTP/1.1 200 OK', 'Content-Length: 0'));
    await talk.client.until('200 OK');
    talk.client.send(head);
    await peer.until((all) => String(all).split('Expect').length === 3);
    peer.send(lines('HTTP/1.1 417 Expectation Failed', 'Content-Length: 0'));
    await talk.client.until('417 Expectation Failed');
  });

  test('a response before the request is whole', async () => {
    const talk = await conversation({
      addons: [{ name: 'stream', requestheaders: (flow) => void (flow.request.stream = true) }],
    });
    talk.client.send(lines('POST / HTTP/1.1', 'Host: x', 'Content-Length: 1000') + 'some');
    const peer = await talk.server.peer();
    await peer.until('some');
    peer.send(lines('HTTP/1.1 413 Content Too Large', 'Content-Length: 0', 'Connection: close')).end();
    await talk.client.until('413 Content Too Large');
    talk.client.send('x'.repeat(996));
    await talk.proxy.waitForFlow('~c 413');
  });
});

describe('connections', () => {
  test('pipelined requests are answered in their order', async () => {
    const talk = await conversation();
    const requests = [1, 2, 3, 4].map((index) => lines(`GET /${String(index)} HTTP/1.1`, 'Host: x'));
    talk.client.send(requests.join(''));
    for (const [index] of requests.entries()) {
      const peer = await talk.server.peer();
      await peer.until(`/${String(index + 1)} `);
      peer.send(lines('HTTP/1.1 200 OK', 'Content-Length: 1') + String(index + 1));
    }
    await talk.client.until('\r\n\r\n4');
    expect(talk.client.text.match(/\r\n\r\n\d/g)).toEqual([1, 2, 3, 4].map((index) => `\r\n\r\n${String(index)}`));
    expect(talk.proxy.flows('~c 200')).toHaveLength(4);
  });

  test('a client that ends its sending side wants nothing more', async () => {
    const talk = await conversation();
    talk.client.send(lines('GET / HTTP/1.1', 'Host: x'));
    const peer = await talk.server.peer();
    await peer.until('\r\n\r\n');
    talk.client.end();
    await talk.client.untilEnd();
    await peer.untilEnd();
    expect((await flowOf(talk, '~e')).error?.message).toBe('Client disconnected.');
  });

  test('a connection that the server closed meanwhile is not used again', async () => {
    const talk = await conversation();
    for (const index of [0, 1]) {
      talk.client.send(lines(`POST /${String(index)} HTTP/1.1`, 'Host: x', 'Content-Length: 0'));
      const peer = await talk.server.peer(index);
      await peer.until('\r\n\r\n');
      peer.send(lines('HTTP/1.1 200 OK', `Content-Length: 0`, `X-Index: ${String(index)}`));
      await talk.client.until(`X-Index: ${String(index)}\r\n\r\n`);
      peer.end();
      await peer.untilEnd();
    }
    expect(talk.proxy.flows('~c 200')).toHaveLength(2);
  });

  test('Upgrade to a protocol that nobody knows', async () => {
    const talk = await conversation();
    talk.client.send(lines('GET /chat HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: parrot/2') + 'early ');
    const peer = await talk.server.peer();
    await peer.until('parrot/2');
    peer.send(lines('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: parrot/2') + 'first ');
    await talk.client.until('first ');
    talk.client.send('\x00\xffbytes').end();
    await peer.until('early \x00\xffbytes');
    await peer.untilEnd();
    peer.send('and the rest').end();
    expect(String(await talk.client.untilEnd())).toMatch(/first and the rest$/);
    const flow = await talk.proxy.waitForFlow('~tcp');
    if (flow.type !== 'tcp') throw new Error('another flow');
    expect(flow.messages.map(({ content }) => content.toString('latin1')).join('|')).toContain('first ');
    expect((await flowOf(talk, '~c 101')).request.path).toBe('/chat');
  });

  test('CONNECT to a server that speaks first, and speaks no TLS', async () => {
    const server = await rawServer((peer) => peer.send('SSH-2.0-Parrot_1\r\n'));
    const { proxy } = await startedProxy();
    const client = await connect(proxy.port);
    const authority = `127.0.0.1:${String(server.port)}`;
    client.send(lines(`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`));
    await client.until('SSH-2.0-Parrot_1\r\n');
    expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
    client.send('SSH-2.0-Client\r\n');
    await (await server.peer()).until('SSH-2.0-Client\r\n');
    client.end();
    await (await server.peer()).untilEnd();
    server.peers[0]?.end();
    const flow = await proxy.waitForFlow('~tcp');
    if (flow.type !== 'tcp') throw new Error('another flow');
    expect(flow.messages.map(({ fromClient, content }) => [fromClient, String(content)])).toEqual([
      [false, 'SSH-2.0-Parrot_1\r\n'],
      [true, 'SSH-2.0-Client\r\n'],
    ]);
  });

  test('CONNECT and a client that sends at once: HTTP in the clear', async () => {
    const server = await rawServer();
    const { proxy } = await startedProxy();
    const client = await connect(proxy.port);
    const authority = `127.0.0.1:${String(server.port)}`;
    client.send(lines(`CONNECT ${authority} HTTP/1.1`, 'Host: x') + lines('GET /in HTTP/1.1', `Host: ${authority}`));
    const peer = await server.peer();
    await peer.until('GET /in HTTP/1.1');
    peer.send(lines('HTTP/1.1 200 OK', 'Content-Length: 2') + 'ok');
    await client.until('\r\n\r\nok');
    const [flow] = proxy.flows('~u /in');
    expect(flow?.type === 'http' && flow.request.url).toBe(`http://${authority}/in`);
  });
});
