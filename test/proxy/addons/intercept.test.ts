import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { FilterError, TimeoutError } from '../../../src/errors.js';
import { Response as HttpResponse, Proxy, readFlowFile } from '../../../src/proxy/index.js';
import type { Addon, Flow, HttpFlow, ProxyOptions } from '../../../src/proxy/index.js';
import { connect } from '../../kit/connect.js';
import { rawServer } from '../../kit/raw-server.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';

/** Milliseconds that a flow has to come on a machine that is busy. */
const ample = 15_000;

/** A proxy before a server that says what it was asked. */
async function before(options: ProxyOptions = {}): Promise<Proxy> {
  const { port } = await webServer('http', ({ method = '', url = '', headers }, response, body) => {
    response.end(`${method} ${url} ${String(headers['x-edited'])} ${body.toString()}`);
  });
  return start({ mode: `reverse:http://127.0.0.1:${String(port)}`, ...options });
}

async function start(options: ProxyOptions): Promise<Proxy> {
  const proxy = await Proxy.start(options);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** The first HTTP flow that is held. */
async function held(proxy: Proxy, filter?: string): Promise<HttpFlow> {
  const flow = await proxy.held.waitFor(filter, ample);
  if (flow.type !== 'http') throw new Error(`it is ${flow.type}`);
  return flow;
}

const asText = async (asking: Promise<Response>): Promise<string> => (await asking).text();

describe('a request that matches', () => {
  it('is held; what it is changed to is what is sent', async () => {
    const proxy = await before({ addonOptions: { intercept: '~q & ~u /cart' } });
    const asking = asText(fetch(`${proxy.url}/cart`, { method: 'POST', body: 'one' }));
    const flow = await held(proxy);
    expect(await asText(fetch(`${proxy.url}/other`))).toContain('/other');
    expect([flow.intercepted, flow.live, flow.response]).toEqual([true, true, undefined]);
    flow.backup();
    flow.request.text = 'two';
    flow.request.path = '/basket';
    flow.request.headers.set('X-Edited', 'yes');
    expect(proxy.held.resume(flow)).toEqual([flow]);
    expect(await asking).toBe('POST /basket yes two');
    expect(flow.modified()).toBe(true);
    expect(proxy.held.list()).toEqual([]);
  });

  it('is answered from here', async () => {
    const proxy = await before({ addonOptions: { intercept: '~q' } });
    const asking = asText(fetch(proxy.url));
    const flow = await held(proxy);
    flow.response = HttpResponse.make(200, 'made here');
    proxy.held.resume();
    expect(await asking).toBe('made here');
  });

  it('is killed', async () => {
    const proxy = await before({ addonOptions: { intercept: '~q' } });
    const failed = expect(fetch(proxy.url)).rejects.toThrow();
    const flow = await held(proxy);
    expect(proxy.held.kill(flow)).toEqual([flow]);
    await failed;
    expect((await proxy.waitForFlow('~e', ample)).error?.message).toBe('Connection killed.');
    expect([proxy.held.list(), proxy.held.kill(flow), proxy.held.resume(flow)]).toEqual([[], [], []]);
  });

  it('is what addons have made of it', async () => {
    const addon: Addon = { request: ({ request }) => void (request.path = '/made') };
    const proxy = await before({ addons: [addon], addonOptions: { intercept: '~q & ~u /made' } });
    const asking = asText(fetch(`${proxy.url}/asked`));
    await held(proxy);
    proxy.held.resume();
    expect(await asking).toContain('GET /made');
  });
});

describe('a response that matches', () => {
  it('is held; what it is changed to is what is sent, counted and written down', async () => {
    const file = join(temporaryDirectory(), 'flows');
    const proxy = await before({ addonOptions: { intercept: '~s', saveStreamFile: file } });
    await using recording = await proxy.record(`${file}.har`);
    const asking = asText(fetch(proxy.url));
    const flow = await held(proxy);
    let isComplete = false;
    const complete = proxy.waitForFlow('~all', ample).then(() => (isComplete = true));
    if (flow.response !== undefined) flow.response.text = 'changed';
    await recording.flush();
    expect(isComplete).toBe(false);
    proxy.held.resume('~s');
    expect(await asking).toBe('changed');
    await complete;
    await proxy.stop();
    const read: Flow[] = [];
    for await (const each of readFlowFile(file)) read.push(each);
    expect(read.map((each) => each.type === 'http' && each.response?.text)).toEqual(['changed']);
  });

  it('is reverted', async () => {
    const proxy = await before({ addonOptions: { intercept: '~s' } });
    const asking = asText(fetch(`${proxy.url}/x`));
    const flow = await held(proxy);
    flow.backup();
    if (flow.response !== undefined) flow.response.text = 'changed';
    await proxy.call('flow.revert', [flow]);
    expect(flow.intercepted).toBe(true);
    await proxy.call('flow.resume', '~all');
    expect(await asking).toContain('GET /x');
  });
});

describe('the filter', () => {
  it('holds nothing while it is not active, and what is sent again never', async () => {
    const proxy = await before({ addonOptions: { intercept: '~q', interceptActive: false } });
    await asText(fetch(proxy.url));
    await proxy.configure({ interceptActive: true });
    const [flow] = proxy.httpFlows();
    if (flow !== undefined) await proxy.replay(flow);
    expect(flow?.response?.statusCode).toBe(200);
    const asking = asText(fetch(proxy.url));
    await held(proxy);
    await proxy.configure({ intercept: undefined });
    await asText(fetch(proxy.url));
    proxy.held.resume();
    await asking;
  });

  it('is refused when it is none', async () => {
    await expect(Proxy.start({ addonOptions: { intercept: '~~' } })).rejects.toThrow(FilterError);
    const proxy = await before({ addonOptions: { intercept: '~q & ~u /held' } });
    await expect(proxy.configure({ intercept: '(' })).rejects.toThrow(FilterError);
    expect(proxy.options['intercept']).toBe('~q & ~u /held');
    const asking = asText(fetch(`${proxy.url}/held`));
    await held(proxy);
    proxy.held.resume();
    await asking;
  });
});

describe('flows that are held', () => {
  it('are told of: when they are held, and when they are let go', async () => {
    const told: string[] = [];
    const addon: Addon = {
      update: (flows) => {
        for (const flow of flows)
          told.push(`${flow.id} ${flow.intercepted ? 'held' : (flow.error?.message ?? 'goes on')}`);
      },
    };
    const proxy = await before({ addons: [addon], addonOptions: { intercept: '~q' } });
    const first = asText(fetch(`${proxy.url}/1`));
    const one = await held(proxy, '~u /1');
    const second = expect(fetch(`${proxy.url}/2`)).rejects.toThrow();
    const two = await held(proxy, '~u /2');
    expect(proxy.held.list()).toEqual([one, two]);
    expect(proxy.held.list('~u /2')).toEqual([two]);
    proxy.held.kill('~u /2');
    one.resume();
    await first;
    await second;
    expect(told.sort()).toEqual(
      [`${one.id} held`, `${one.id} goes on`, `${two.id} held`, `${two.id} Connection killed.`].sort(),
    );
  });

  it('are those that are under way and meant, behind the next hook', async () => {
    const proxy = await before();
    await asText(fetch(`${proxy.url}/over`));
    let answer: () => void = () => undefined;
    const slow = await rawServer((peer) => {
      answer = () => void peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const other = await start({ mode: `reverse:http://127.0.0.1:${String(slow.port)}` });
    const asking = asText(fetch(`${other.url}/slow`));
    await (await slow.peer()).until('\r\n\r\n');
    expect(proxy.held.hold('~all')).toEqual([]);
    const [flow] = other.held.hold('~u /slow');
    expect([flow?.intercepted, other.held.list()]).toEqual([true, []]);
    answer();
    expect(await held(other)).toBe(flow);
    other.held.resume();
    expect(await asking).toBe('ok');
  });

  it('are waited for, but not for ever', async () => {
    const proxy = await before();
    await asText(fetch(`${proxy.url}/free`));
    const waiting = proxy.held.waitFor('~u /free', 1);
    await expect(waiting).rejects.toThrow(/^no flow matched ~u \/free and was held within 1 ms; 1 flow was seen/);
    const atStop = proxy.held.waitFor();
    const failed = expect(atStop).rejects.toThrow(TimeoutError);
    await proxy.stop();
    await failed;
  });

  it('go on when the client has left, and end with an error', async () => {
    const proxy = await before({ addonOptions: { intercept: '~q' } });
    const client = await connect(proxy.port);
    client.send('GET /left HTTP/1.1\r\nHost: x\r\n\r\n');
    await held(proxy);
    client.socket.destroy();
    await once(client.socket, 'close');
    expect(proxy.held.list()).toHaveLength(1);
    proxy.held.resume();
    expect((await proxy.waitForFlow('~u /left', ample)).error?.message).toBe('Client disconnected.');
  });

  it('do not keep the proxy from stopping, and are written down', async () => {
    const file = join(temporaryDirectory(), 'flows');
    const proxy = await before({ addonOptions: { intercept: '~q', saveStreamFile: file } });
    const asking = asText(fetch(`${proxy.url}/held`)).catch(() => 'failed');
    const flow = await held(proxy);
    await proxy.stop();
    expect(await asking).toBe('failed');
    expect([flow.intercepted, proxy.held.list()]).toEqual([false, []]);
    const read: Flow[] = [];
    for await (const each of readFlowFile(file)) read.push(each);
    expect(read).toMatchObject([{ intercepted: false, error: { message: 'The proxy was stopped.' } }]);
  });
});

describe('messages that match', () => {
  it('of a TCP connection are held in both directions, in order, and may be changed', async () => {
    const server = await rawServer();
    const proxy = await start({
      mode: `reverse:tcp://127.0.0.1:${String(server.port)}`,
      addonOptions: { intercept: '~bq hold' },
    });
    const client = await connect(proxy.port);
    client.send('hold me');
    const flow = await proxy.held.waitFor(undefined, ample);
    if (flow.type !== 'tcp') throw new Error('it is no TCP flow');
    const peer = await server.peer();
    peer.send('down');
    const [message] = flow.messages;
    if (message !== undefined) message.content = Buffer.from('changed');
    await proxy.configure({ intercept: undefined });
    client.send(', and me');
    expect([peer.text, client.text]).toEqual(['', '']);
    proxy.held.resume();
    await peer.until('changed, and me');
    await client.until('down');
  });

  it('of a TCP connection are not sent when they are killed', async () => {
    const server = await rawServer();
    const proxy = await start({
      mode: `reverse:tcp://127.0.0.1:${String(server.port)}`,
      addonOptions: { intercept: '~all' },
    });
    const client = await connect(proxy.port);
    client.send('hold me');
    await proxy.held.waitFor(undefined, ample);
    proxy.held.kill();
    await client.untilEnd();
    expect((await server.peer()).text).toBe('');
  });

  it('of a WebSocket are held, may be changed and dropped; those that are injected, too', async () => {
    const heard: string[] = [];
    const { port, server } = await webServer();
    const sockets = new WebSocketServer({ server });
    onTestFinished(() => void sockets.close());
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        heard.push(String(data));
        socket.send(`heard ${String(data)}`);
      });
    });
    const proxy = await start({ mode: `reverse:http://127.0.0.1:${String(port)}` });
    const client = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    onTestFinished(() => {
      client.terminate();
    });
    const answers: string[] = [];
    client.on('message', (data: Buffer) => answers.push(String(data)));
    await once(client, 'open');
    await proxy.configure({ intercept: '~websocket & ~bq secret' });
    client.send('a secret');
    const flow = await held(proxy);
    const last = flow.websocket?.messages.at(-1);
    if (last !== undefined) last.text = 'nothing';
    await proxy.configure({ intercept: '~websocket' });
    proxy.held.resume();
    // What the server says to it is held now.
    await held(proxy);
    expect([heard, answers]).toEqual([['nothing'], []]);
    await proxy.configure({ interceptActive: false });
    proxy.held.resume();
    await expect.poll(() => answers).toEqual(['heard nothing']);
    await proxy.configure({ interceptActive: true });
    await proxy.call('inject.websocket', [flow], 'false', 'from here');
    await held(proxy);
    flow.websocket?.messages.at(-1)?.drop();
    await proxy.configure({ interceptActive: false });
    proxy.held.resume();
    client.send('end');
    await expect.poll(() => heard).toEqual(['nothing', 'end']);
  });
});
