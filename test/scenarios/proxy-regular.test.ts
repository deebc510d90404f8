// A regular proxy with real clients and servers: plain requests, CONNECT with TLS, and HTTP/1 or HTTP/2 on either side.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFor, fileOf } from '../kit/certificates.js';
import { nghttpd } from '../kit/nghttpd.js';
import type { Nghttpd } from '../kit/nghttpd.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';

/** nghttpd, which speaks HTTP/2 alone, over TLS, and serves a page `/page` and one of 300,000 bytes. */
async function http2OnlyServer(): Promise<Nghttpd> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'page'), 'from nghttpd');
  writeFileSync(join(directory, 'large'), 'x'.repeat(300_000));
  const { key, cert } = (await certificateFor()).tlsOptions;
  const [keyFile, certFile] = [fileOf(key), fileOf(cert)];
  return nghttpd(directory, (port) => [String(port), keyFile, certFile]);
}

describe.skipIf(!hasProgram('curl'))('a regular proxy, with curl', () => {
  test('a plain request and its flow', async () => {
    const { port } = await webServer();
    const { proxy, through } = await startedProxy();
    const { stdout } = await through('-i', '-d', 'some data', `http://localhost:${String(port)}/a?b=c`);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(stdout).toMatch(new RegExp(`HTTP/1.1 POST /a\\?b=c localhost:${String(port)} 9$`));
    const flows = proxy.flows();
    expect(flows).toHaveLength(1);
    expect(flows[0]).toMatchObject({
      ...{ type: 'http', error: undefined, live: false },
      request: { method: 'POST', path: '/a?b=c', text: 'some data', scheme: 'http', httpVersion: 'HTTP/1.1' },
      response: { statusCode: 200, reason: 'OK' },
      clientConn: { tls: false },
      serverConn: { tls: false, address: ['localhost', port] },
    });
  });

  test('several requests on a connection, to two servers', async () => {
    const [one, other] = [await webServer(), await webServer()];
    const { proxy, through } = await startedProxy();
    const urls = [one, other, one].map(({ port }, index) => `http://127.0.0.1:${String(port)}/${String(index)}`);
    const { stdout } = await through('-v', ...urls);
    expect(stdout.match(/GET \/[012]/g)).toEqual(['GET /0', 'GET /1', 'GET /2']);
    expect(new Set(proxy.flows().map(({ clientConn }) => clientConn.id)).size).toBe(1);
    expect(proxy.flows('~all').map(({ serverConn }) => serverConn.address?.[1])).toEqual([
      ...[one.port, other.port, one.port],
    ]);
  });

  // What the client asks for, what the server can do, and what is spoken on either side.
  test.each([
    ['--http1.1', 'https', '1.1', '1.1'],
    ['--http2', 'https', '1.1', '1.1'],
    ['--http1.1', 'h2', '1.1', '1.1'],
    ['--http2', 'h2', '2', '2.0'],
  ] as const)('CONNECT and TLS, curl %s to a server of %s', async (flag, kind, seenByClient, seenByServer) => {
    const { port } = await webServer(kind);
    const { proxy, through } = await startedProxy();
    const url = `https://localhost:${String(port)}/secret`;
    const { stdout } = await through(flag, '-d', 'some data', '-w', '\n%{http_version}', url);
    expect(stdout).toBe(`HTTP/${seenByServer} POST /secret localhost:${String(port)} 9\n${seenByClient}`);
    const flow = await proxy.waitForFlow('~c 200 & ~u secret');
    expect(flow).toMatchObject({
      request: { url, httpVersion: `HTTP/${seenByServer}`, text: 'some data' },
      clientConn: { tls: true, sni: 'localhost' },
      serverConn: { tls: true, sni: 'localhost' },
    });
  });

  test('without HTTP/2, both sides speak HTTP/1', async () => {
    const { port } = await webServer('h2');
    const { proxy, through } = await startedProxy({ http2: false });
    const { stdout } = await through('--http2', `https://localhost:${String(port)}/`);
    expect(stdout).toBe(`HTTP/1.1 GET / localhost:${String(port)} 0`);
    expect(proxy.flows()[0]?.clientConn.alpnOffers.map(String)).toEqual(['h2', 'http/1.1']);
  });

  test('an HTTP/2 client with a lazy proxy and a server of HTTP/1', async () => {
    const { port } = await webServer('https');
    const { through } = await startedProxy({ connectionStrategy: 'lazy', upstreamCert: false });
    const { stdout } = await through(
      '--http2',
      '-d',
      'x',
      '-w',
      ' %{http_version}',
      `https://localhost:${String(port)}/`,
    );
    expect(stdout).toBe(`HTTP/1.1 POST / localhost:${String(port)} 1 2`);
  });

  test.skipIf(!hasProgram('nghttpd'))('curl over HTTP/2 to a server that speaks nothing else', async () => {
    const server = await http2OnlyServer();
    const { proxy, through } = await startedProxy();
    const url = `https://localhost:${String(server.port)}`;
    expect((await through(`${url}/page`)).stdout).toBe('from nghttpd');
    expect((await through(`${url}/large`)).stdout).toHaveLength(300_000);
    expect((await through('-X', 'POST', '-d', 'x'.repeat(100_000), `${url}/page`)).stdout).toBe('from nghttpd');
    const versions = proxy.flows('~c 200').map((flow) => flow.type === 'http' && flow.response?.httpVersion);
    expect(versions).toEqual(['HTTP/2.0', 'HTTP/2.0', 'HTTP/2.0']);
    // The proxy offers what its client does, and HTTP/2 where that does not do.
    expect((await through('--http1.1', `${url}/page`)).stdout).toBe('from nghttpd');
  });
});

describe.skipIf(!hasProgram('nghttp'))("a regular proxy, with nghttp2's tools", () => {
  test('nghttp with several streams at once', async () => {
    const server = await http2OnlyServer();
    const { proxy, at } = await startedProxy({ mode: `reverse:https://localhost:${String(server.port)}` });
    const urls = ['page', 'large', 'missing', 'large?again'].map((path) => `https://${at}/${path}`);
    const { stdout } = await run('nghttp', ['-v', ...urls]);
    expect(stdout).toContain('from nghttpd');
    expect(proxy.flows('~c 200')).toHaveLength(3);
    expect(proxy.flows('~c 404')).toHaveLength(1);
    expect(new Set(proxy.flows().map(({ serverConn }) => serverConn.id)).size).toBe(1);
  });

  test.skipIf(!hasProgram('h2load'))('h2load: every request has its response and its flow', async () => {
    const server = await http2OnlyServer();
    const { proxy, at } = await startedProxy({ mode: `reverse:https://localhost:${String(server.port)}` });
    const { stdout } = await run('h2load', ['-n', '600', '-c', '6', '-m', '10', `https://${at}/page`]);
    expect(stdout).toContain('600 succeeded, 0 failed, 0 errored, 0 timeout');
    expect(proxy.flows('~c 200')).toHaveLength(600);
  });

  test.skipIf(!hasProgram('h2load'))('h2load without TLS, and over HTTP/1', async () => {
    const { port } = await webServer();
    const { proxy, at } = await startedProxy({ mode: `reverse:http://localhost:${String(port)}` });
    for (const flags of [[], ['--h1']]) {
      const { stdout } = await run('h2load', [...flags, '-n', '300', '-c', '5', `http://${at}/`]);
      expect(stdout).toContain('300 succeeded, 0 failed, 0 errored, 0 timeout');
    }
    expect(proxy.flows('~c 200')).toHaveLength(600);
  });
});
