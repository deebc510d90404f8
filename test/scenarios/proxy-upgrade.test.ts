// What follows when HTTP ends: WebSockets of ws and of Chromium through the whole proxy, and protocols nobody knows.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { TcpFlow } from '../../src/proxy/flow/stream-flow.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import { certificateFor } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

// The image keeps the page from being complete until the WebSocket is closed.
const page = `<body><img src="/wait"><script>
const socket = new WebSocket(location.href.replace('http', 'ws'));
const got = [];
socket.onopen = () => { socket.send('hello'); socket.send('hello '.repeat(5000)); socket.send(Uint8Array.of(1, 2, 3)); };
socket.onmessage = ({ data }) => {
  got.push(data.length ?? data.size);
  if (got.length === 3) socket.close(4000, 'seen');
};
socket.onclose = ({ code, reason }) => { document.body.textContent = [got, code, reason].join(' '); fetch('/closed'); };
</script>`;

/** A page that opens a WebSocket, whose every message is sent back; and a protocol of its own that answers in capitals. */
async function echoServer(tls?: ServerOptions): Promise<Server> {
  const waiting: ServerResponse[] = [];
  const answer: RequestListener = ({ url }, response) => {
    if (url === '/wait') waiting.push(response);
    else response.setHeader('content-type', 'text/html').end(page);
    if (url === '/closed') for (const one of waiting) one.end();
  };
  const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade === 'websocket') {
      sockets.handleUpgrade(request, socket, head, (echo) => {
        echo.on('message', (data: Buffer, binary) => {
          echo.send(data, { binary });
        });
      });
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: capitals\r\n\r\nREADY ');
    socket.on('data', (data: Buffer) => socket.write(String(data).toUpperCase()));
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  return server;
}

async function startProxy(options: ProxyOptions = {}, tls?: ServerOptions): Promise<{ proxy: Proxy; server: string }> {
  const { port } = (await echoServer(tls)).address() as AddressInfo;
  const server = `127.0.0.1:${String(port)}`;
  const mode = [`reverse:${tls === undefined ? 'http' : 'https'}://${server}`];
  const proxy = await Proxy.start({
    mode,
    listenHost: '127.0.0.1',
    listenPort: 0,
    confdir: temporaryDirectory(),
    ...options,
  });
  onTestFinished(() => proxy.stop());
  return { proxy, server };
}

const contents = ({ websocket }: HttpFlow): unknown[] =>
  (websocket?.messages ?? []).map(({ fromClient, isText, content }) => [fromClient, isText, content.length]);

const spoken = [
  [true, true, 5],
  [true, true, 30_000],
  [true, false, 3],
  [false, true, 5],
  [false, true, 30_000],
  [false, false, 3],
];

describe('an upgraded connection', () => {
  test('is a flow with the messages of its WebSocket', async () => {
    const { proxy } = await startProxy();
    const client = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    await once(client, 'open');
    client.send('hello');
    const [data] = (await once(client, 'message')) as [Buffer];
    expect(String(data)).toBe('hello');
    client.close(1000, 'bye');
    await once(client, 'close');
    const flow = (await proxy.waitForFlow('~websocket', 50_000)) as HttpFlow;
    await expect.poll(() => flow.websocket?.timestampEnd).toBeDefined();
    expect(contents(flow)).toEqual([
      [true, true, 5],
      [false, true, 5],
    ]);
    expect(flow.websocket).toMatchObject({ closedByClient: true, closeCode: 1000, closeReason: 'bye' });
    expect(flow.serverConn.timestampEnd).toBeDefined();
  });

  test('is a flow of bytes when the protocol is not known', async () => {
    const { proxy } = await startProxy();
    const client = await connect(proxy.port, { allowHalfOpen: true });
    client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: capitals\r\n\r\n');
    await client.until('READY ');
    client.send('quiet');
    await client.until('QUIET');
    client.end();
    await client.untilEnd();
    const flow = (await proxy.waitForFlow('~tcp', 50_000)) as TcpFlow;
    expect(flow.messages.map(({ fromClient, content }) => [fromClient, String(content)])).toEqual([
      [false, 'READY '],
      [true, 'quiet'],
      [false, 'QUIET'],
    ]);
  });

  test('is a flow of bytes when WebSockets are not to be read', async () => {
    const { proxy } = await startProxy({ websocket: false });
    const client = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    await once(client, 'open');
    client.send('hello');
    await once(client, 'message');
    client.terminate();
    await proxy.waitForFlow('~tcp', 50_000);
  });

  test('is closed by both sides being told when the proxy stops', async () => {
    const { proxy } = await startProxy();
    const client = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    await once(client, 'open');
    client.send('hello');
    await once(client, 'message');
    const closed = once(client, 'close') as Promise<[number]>;
    await proxy.stop();
    expect((await closed)[0]).toBe(1001);
  });

  test('is closed in order over TLS on both sides, and so are bytes of a protocol that is not known', async () => {
    const { proxy } = await startProxy({ sslInsecure: true }, (await certificateFor()).tlsOptions);
    const client = new WebSocket(`wss://127.0.0.1:${String(proxy.port)}/chat`, { ca: proxy.ca });
    await once(client, 'open');
    client.send('hello');
    await once(client, 'message');
    client.close(1000, 'bye');
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1000);
    const other = connectTls({ port: proxy.port, host: '127.0.0.1', ca: proxy.ca, ALPNProtocols: ['http/1.1'] });
    await once(other, 'secureConnect');
    other.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: capitals\r\n\r\n');
    await once(other, 'data');
    other.end('quiet');
    let got = '';
    other.on('data', (data: Buffer) => (got += String(data)));
    await once(other, 'end');
    expect(got).toMatch(/QUIET$/);
    await expect.poll(() => proxy.flows('~tcp')[0]?.live).toBe(false);
    expect(proxy.flows('~tcp')[0]?.error).toBeUndefined();
  });

  test('may lie in a tunnel of a client of the proxy', async () => {
    const { proxy, server } = await startProxy({ mode: ['regular'] });
    const socket = connectSocket(proxy.port, '127.0.0.1');
    socket.write(`CONNECT ${server} HTTP/1.1\r\nHost: ${server}\r\n\r\n`);
    const [granted] = (await once(socket, 'data')) as [Buffer];
    expect(String(granted)).toMatch(/^HTTP\/1\.1 200/);
    const client = new WebSocket(`ws://${server}/chat`, { createConnection: () => socket });
    await once(client, 'open');
    client.send('hello');
    await once(client, 'message');
    client.close();
    await once(client, 'close');
    expect(proxy.flows('~websocket').flatMap((flow) => contents(flow as HttpFlow))).toHaveLength(2);
  });
});

describe.skipIf(!hasProgram('chromium'))('Chromium', { timeout: 120_000 }, () => {
  test('speaks with compression over the proxy', async () => {
    const { proxy } = await startProxy();
    const profile = `--user-data-dir=${temporaryDirectory()}`;
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', profile, '--timeout=5000', '--dump-dom'];
    const { stdout } = await run('chromium', [...flags, `http://127.0.0.1:${String(proxy.port)}/`]);
    expect(stdout).toContain('5,30000,3 4000 seen');
    const flow = (await proxy.waitForFlow('~websocket', 50_000)) as HttpFlow;
    expect(flow.response?.headers.get('sec-websocket-extensions')).toContain('permessage-deflate');
    expect(contents(flow)).toEqual(expect.arrayContaining(spoken));
    expect(flow.websocket).toMatchObject({ closedByClient: true, closeCode: 4000, closeReason: 'seen' });
  });
});
