// A reverse proxy: TLS and plain clients on one port, each kind of server, and the Host that it is asked for.
import { createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Response } from '../../src/proxy/message/response.js';
import { certificateFor } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { Peer } from '../kit/peer.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';
import { webServer } from '../kit/web-server.js';
import type { WebProtocol } from '../kit/web-server.js';

/** A server of TLS that says welcome and sends back what it gets. */
async function secureEcho(): Promise<number> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => undefined);
    socket.write('welcome ');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

async function secureClient(port: number, ca: string): Promise<Peer> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new Peer(socket);
  await once(socket, 'secureConnect');
  return peer;
}

const ask = 'POST /it HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\x00?';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\x00!';

/** Its side of every connection of a server, with or without TLS, that answers what ends with a question mark. */
async function answering(secure: boolean): Promise<{ port: number; peers: readonly Peer[] }> {
  const act = (peer: Peer): void => {
    peer.until('?').then(
      () => peer.send(answer).end(),
      () => undefined,
    );
  };
  if (!secure) return rawServer(act);
  const { key, cert } = (await certificateFor()).tlsOptions;
  const peers: Peer[] = [];
  const server = createServer({ key, cert }, (socket) => {
    const peer = new Peer(socket);
    peers.push(peer);
    act(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return { port: (server.address() as AddressInfo).port, peers };
}

describe.each(['http', 'https', 'tcp', 'tls'] as const)('reverse:%s', (scheme) => {
  test.each([
    ['plain', 'eager'],
    ['plain', 'lazy'],
    ['TLS', 'eager'],
    ['TLS', 'lazy'],
  ] as const)('a client that speaks %s, %s', async (spoken, connectionStrategy) => {
    const isHttp = scheme.startsWith('http');
    const isSecure = scheme === 'https' || scheme === 'tls';
    const server = await answering(isSecure);
    const mode = `reverse:${scheme}://localhost:${String(server.port)}`;
    const { proxy, lines } = await startedProxy({ mode, connectionStrategy });
    const client = await (spoken === 'TLS' ? secureClient(proxy.port, proxy.ca) : connect(proxy.port));
    await client.send(ask).until(answer);
    client.end();
    const flow = await proxy.waitForFlow('~all');
    expect(flow).toMatchObject({ type: isHttp ? 'http' : 'tcp', error: undefined });
    expect([flow.clientConn.tls, flow.serverConn.tls]).toEqual([spoken === 'TLS', isSecure]);
    const host = isHttp ? `localhost:${String(server.port)}` : 'x';
    expect(server.peers.map(({ text }) => text)).toEqual([ask.replace('Host: x', `Host: ${host}`)]);
    expect(client.text).toBe(answer);
    expect(lines.filter((line) => /^(?:warn|error)/.test(line))).toEqual([]);
  });
});

describe.skipIf(!hasProgram('curl'))('reverse, of HTTP', () => {
  const clients = [
    ['http', '--http1.1'],
    ['https', '--http1.1'],
    ['https', '--http2'],
    ['http', '--http2-prior-knowledge'],
  ] as const;

  test.each<WebProtocol>(['http', 'https', 'h2'])(
    'of a server of %s: every kind of client on one port',
    async (kind) => {
      const { port } = await webServer(kind);
      const scheme = kind === 'http' ? 'http' : 'https';
      const { proxy, curl } = await startedProxy({ mode: `reverse:${scheme}://localhost:${String(port)}` });
      for (const [clientScheme, flag] of clients) {
        const url = `${clientScheme}://localhost:${String(proxy.port)}/path?query`;
        const { stdout, stderr } = await curl(flag, '-d', 'data', url);
        expect(stdout + stderr, `${clientScheme} ${flag}`).toMatch(
          new RegExp(`^HTTP/[12].[01] POST /path\\?query localhost:${String(port)} 4$`),
        );
      }
      for (const flow of proxy.flows()) {
        expect(flow).toMatchObject({ request: { scheme, port, host: 'localhost' }, response: { statusCode: 200 } });
      }
      expect(proxy.flows()).toHaveLength(clients.length);
    },
  );

  test.each(['http', 'https'] as const)('keep_host_header leaves Host alone: %s', async (scheme) => {
    const { port } = await webServer(scheme);
    const mode = `reverse:${scheme}://localhost:${String(port)}`;
    const { at, curl } = await startedProxy({ mode, keepHostHeader: true });
    const named = ['-H', 'Host: service.example'];
    expect((await curl(...named, `http://${at}/`)).stdout).toBe('HTTP/1.1 GET / service.example 0');
    expect((await curl('--http2-prior-knowledge', ...named, `http://${at}/`)).stdout).toMatch(/ service\.example 0$/);
  });

  test('a server of HTTP on its default port is named without it', async () => {
    const { proxy, at, curl } = await startedProxy({
      mode: 'reverse:http://service.example',
      addons: [{ name: 'answer', request: (flow) => void (flow.response = Response.make(204)) }],
    });
    expect((await curl('-i', `http://${at}/`)).stdout).toMatch(/^HTTP\/1\.1 204 /);
    const [flow] = proxy.flows('~http');
    expect(flow?.type === 'http' && flow.request.headers.get('host')).toBe('service.example');
    expect(flow?.type === 'http' && flow.request.prettyUrl).toBe('http://service.example/');
  });

  test('a request with an absolute target goes to the server of the mode, whatever it names', async () => {
    const { port } = await webServer();
    const { proxy, through } = await startedProxy({ mode: `reverse:http://localhost:${String(port)}` });
    const { stdout } = await through('http://elsewhere.example/page');
    expect(stdout).toMatch(/ \/page localhost:\d+ 0$|GET http:\/\/elsewhere\.example\/page/);
    expect(proxy.flows()[0]?.serverConn.address).toEqual(['localhost', port]);
  });
});

describe('reverse, of bytes', () => {
  test('tcp: a server that speaks first', async () => {
    const server = await rawServer((peer) => peer.send('welcome '));
    const { proxy } = await startedProxy({ mode: `reverse:tcp://127.0.0.1:${String(server.port)}` });
    const plain = await connect(proxy.port);
    await plain.until('welcome ');
    plain.send('GET / HTTP/1.1\r\n\r\n');
    await (await server.peer()).until('GET / HTTP/1.1\r\n\r\n');
    plain.end();
    await (await server.peer()).untilEnd();
    server.peers[0]?.send('bye').end();
    expect(String(await plain.untilEnd())).toBe('welcome bye');
    const flow = await proxy.waitForFlow('~tcp');
    if (flow.type !== 'tcp') throw new Error('another flow');
    expect(flow.messages.map(({ fromClient, content }) => [fromClient, String(content)])).toEqual([
      [false, 'welcome '],
      [true, 'GET / HTTP/1.1\r\n\r\n'],
      [false, 'bye'],
    ]);
  });

  test('tls: the server is spoken to over TLS, whatever the client speaks', async () => {
    const port = await secureEcho();
    const { proxy } = await startedProxy({ mode: `reverse:tls://localhost:${String(port)}` });
    for (const peer of [await connect(proxy.port), await secureClient(proxy.port, proxy.ca)]) {
      await peer.until('welcome ');
      await peer.send('some bytes').until('some bytes');
      peer.end();
    }
    await proxy.waitForFlow(({ type, clientConn }) => type === 'tcp' && clientConn.tls);
    await proxy.waitForFlow(({ type, clientConn }) => type === 'tcp' && !clientConn.tls);
    expect(proxy.flows().every(({ serverConn }) => serverConn.tls)).toBe(true);
  });
});
