// The examples that look at WebSockets, plain TCP, bodies on their way, and where connections lead.
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect } from '../../kit/connect.js';
import { startDaemon } from '../../kit/daemon.js';
import { ManualClock } from '../../kit/manual-clock.js';
import { rawServer } from '../../kit/raw-server.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { webServer } from '../../kit/web-server.js';
import { ask, startExample } from './example.js';

/** A server that sends every message back, and what it got. */
async function echoServer(): Promise<{ readonly port: number; readonly got: readonly string[] }> {
  const { port, server } = await webServer();
  const got: string[] = [];
  const sockets = new WebSocketServer({ server });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer, isBinary) => {
      got.push(data.toString());
      socket.send(data, { binary: isBinary });
    });
  });
  return { port, got };
}

/** A client that keeps what it is told. */
async function chat(url: string): Promise<{ readonly socket: WebSocket; readonly next: () => Promise<string> }> {
  const socket = new WebSocket(url.replace('http:', 'ws:'));
  onTestFinished(() => {
    socket.terminate();
  });
  const told: string[] = [];
  socket.on('message', (data: Buffer) => told.push(data.toString()));
  await once(socket, 'open');
  const next = async (): Promise<string> => {
    for (;;) {
      const message = told.shift();
      if (message !== undefined) return message;
      await once(socket, 'message');
    }
  };
  return { socket, next };
}

test('websocket-inject.ts', async () => {
  const { port, got } = await echoServer();
  const clock = new ManualClock(Date.UTC(2026, 0, 2));
  const { proxy } = await startExample('websocket-inject.ts', { before: port, clock });
  const { socket, next } = await chat(proxy.url);
  expect(await next()).toBe('This WebSocket goes through a proxy.');
  socket.send('/time');
  expect(await next()).toBe('2026-01-02T00:00:00.000Z');
  socket.send('hello');
  expect(await next()).toBe('hello');
  expect(got).toEqual(['hello']);
});

test('websocket-edit.ts', async () => {
  const { port, got } = await echoServer();
  const { proxy } = await startExample('websocket-edit.ts', { before: port });
  const { socket, next } = await chat(proxy.url);
  socket.send('http://a http://b');
  expect(await next()).toBe('https://a https://b');
  socket.send('debug: no answer to this');
  socket.send(Buffer.from('http://binary'));
  expect(await next()).toBe('http://binary');
  expect(got).toEqual(['https://a https://b', 'debug: no answer to this', 'http://binary']);
});

test('tcp-edit.ts', async () => {
  const server = await rawServer();
  const { proxy } = await startExample('tcp-edit.ts', { mode: `reverse:tcp://127.0.0.1:${String(server.port)}` });
  const client = await connect(proxy.port);
  client.send('\xff Hello, server');
  const peer = await server.peer();
  expect((await peer.until('server')).toString('latin1')).toBe('\xff HELLO, server');
  peer.send('Hello, client');
  expect((await client.until('client')).toString('latin1')).toBe('HELLO, client');
});

describe('stream-replace.ts', () => {
  test('a word that is split between chunks, before the end is there', async () => {
    let end = (): void => undefined;
    const { port } = await webServer('http', ({ headers }, response) => {
      response.setHeader('Content-Type', 'text/plain').write(`${String(headers['accept-encoding'])}: one colo`);
      end = () => response.end('ur, two colours, a colo');
    });
    const { proxy } = await startExample('stream-replace.ts', { before: port });
    const response = await fetch(proxy.url);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let got = (await reader?.read())?.value ?? '';
    expect(got).toMatch(/^identity: o/);
    end();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) got += part.value;
    expect(got).toBe('identity: one color, two colors, a colo');
  });

  test('a large body, without keeping it', async () => {
    const line = 'The colours of a colourful page.\n';
    const { port } = await webServer('http', (_, response) => {
      response.setHeader('Content-Type', 'text/html').end(line.repeat(100_000));
    });
    const { proxy } = await startExample('stream-replace.ts', { before: port });
    const body = await (await fetch(proxy.url)).text();
    expect(body === line.replaceAll('colour', 'color').repeat(100_000)).toBe(true);
    const [flow] = proxy.httpFlows();
    expect(flow?.response?.rawContent).toBeUndefined();
  });
});

test('upstream-by-header.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', "200:b'there'"]] });
  const [usual, other] = [await startedProxy(), await startedProxy()];
  const { proxy } = await startExample('upstream-by-header.ts', {
    mode: `upstream:${usual.proxy.url}`,
    addonOptions: { upstreams: [`b=${other.at}`] },
  });
  expect(await ask(proxy.port, daemon.url('/x'))).toEqual({ status: 200, text: 'there' });
  expect(await ask(proxy.port, daemon.url('/x'), { 'X-Upstream': 'b' })).toEqual({ status: 200, text: 'there' });
  expect(await ask(proxy.port, daemon.url('/x'), { 'X-Upstream': 'c' })).toEqual({
    status: 400,
    text: 'There is no upstream c.\n',
  });
  expect([usual.proxy.flows().length, other.proxy.flows().length]).toEqual([1, 1]);
  expect(other.proxy.httpFlows()[0]?.request.headers.has('x-upstream')).toBe(false);
});
