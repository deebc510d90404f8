// Node's own clients by way of the proxy: http, https through CONNECT, http2, and fetch.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dialChain } from '../../src/net/dial-chain.js';
import { startedProxy } from '../kit/started-proxy.js';
import { webServer } from '../kit/web-server.js';

/** The body of the response to a request. */
async function answerTo(request: ReturnType<typeof httpRequest>, body = ''): Promise<string> {
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return text(response);
}

describe("Node's clients", () => {
  test('http with an absolute target, over one connection that is kept', async () => {
    const { Agent } = await import('node:http');
    const { port } = await webServer();
    const { proxy } = await startedProxy();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => {
      agent.destroy();
    });
    for (const index of [0, 1, 2]) {
      const path = `http://localhost:${String(port)}/${String(index)}`;
      const options: RequestOptions = { agent, port: proxy.port, path, headers: { host: `localhost:${String(port)}` } };
      expect(await answerTo(httpRequest(options))).toBe(`HTTP/1.1 GET /${String(index)} localhost:${String(port)} 0`);
    }
    expect(new Set(proxy.flows().map(({ clientConn }) => clientConn.id)).size).toBe(1);
  });

  test('https through CONNECT, with the authority of the proxy alone', async () => {
    const { port } = await webServer('https');
    const { proxy } = await startedProxy();
    const authority = `localhost:${String(port)}`;
    const connecting = httpRequest({ port: proxy.port, method: 'CONNECT', path: authority });
    connecting.end();
    const [, socket] = (await once(connecting, 'connect')) as [IncomingMessage, Socket];
    const tls = connectTls({ socket, servername: 'localhost', ca: proxy.ca });
    onTestFinished(() => {
      tls.destroy();
    });
    const request = httpsRequest({
      method: 'POST',
      path: '/',
      headers: { host: authority },
      createConnection: () => tls,
    });
    expect(await answerTo(request, 'body')).toBe(`HTTP/1.1 POST / ${authority} 4`);
    expect(tls.authorized).toBe(true);
    expect((await proxy.waitForFlow('~m POST')).clientConn).toMatchObject({ tls: true, sni: 'localhost' });
  });

  test.each(['regular', 'socks5'])(
    'http2 through a tunnel of %s: many streams, large bodies, both ways',
    async (mode) => {
      const { port } = await webServer('h2', (_, response, body) => response.end(body));
      const { proxy } = await startedProxy({ mode });
      const target = { host: 'localhost', port };
      const by = { host: '127.0.0.1', port: proxy.port };
      const { duplex } = await dialChain(mode === 'socks5' ? { ...target, socks: by } : { ...by, connectTo: target });
      const socket = connectTls({
        socket: duplex,
        servername: 'localhost',
        ca: proxy.ca,
        ALPNProtocols: ['h2'],
      });
      await once(socket, 'secureConnect');
      const session = connectHttp2(`https://localhost:${String(port)}`, { createConnection: () => socket });
      onTestFinished(() => {
        session.destroy();
        duplex.destroy();
      });
      const bodies = Array.from({ length: 12 }, (_, index) => `${String(index)},`.repeat(40_000));
      const answers = await Promise.all(
        bodies.map(async (body, index) => {
          const stream = session.request({ ':method': 'POST', ':path': `/${String(index)}` });
          stream.end(body);
          return text(stream);
        }),
      );
      expect(answers).toEqual(bodies);
      expect(proxy.flows('~c 200')).toHaveLength(12);
      expect(proxy.flows('~c 200').every(({ serverConn }) => String(serverConn.alpn) === 'h2')).toBe(true);
    },
  );

  test('fetch to a reverse proxy: streams of bytes, an abort, a large body', async () => {
    const { port } = await webServer('http', (request, response, body) => {
      if (request.url === '/wait') response.write('begun');
      else response.end(String(body.length));
    });
    const { proxy } = await startedProxy({
      mode: `reverse:http://localhost:${String(port)}`,
      addons: [
        {
          name: 'stream',
          responseheaders: ({ response }) => void (response !== undefined && (response.stream = true)),
        },
      ],
    });
    const body = new Blob(['x'.repeat(1_000_000)]).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect(await (await fetch(proxy.url, init)).text()).toBe('1000000');
    const abort = new AbortController();
    const response = await fetch(`${proxy.url}/wait`, { signal: abort.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    abort.abort();
    await expect(reader?.read()).rejects.toThrow(/abort/);
    const flow = await proxy.waitForFlow('~u /wait');
    expect(flow.error?.message).toBe('Client disconnected.');
  });
});
