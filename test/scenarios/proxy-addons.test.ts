// Addons at work on real traffic: they change, answer, hold, kill, stream, throw, and take their time.
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { TimeoutError } from '../../src/errors.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { Response } from '../../src/proxy/message/response.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { unhandledDuring } from '../kit/unhandled.js';
import { webServer } from '../kit/web-server.js';

/** A reverse proxy with an addon before a server that says how it was asked. */
async function before(addon: Addon, options: object = {}): Promise<StartedProxy & { readonly url: string }> {
  const { port } = await webServer();
  const mode = `reverse:http://localhost:${String(port)}`;
  const started = await startedProxy({ mode, keepHostHeader: true, addons: [addon], ...options });
  return { ...started, url: started.proxy.url };
}

/** A hook's flow, once it is called. */
function caught<F extends Flow>(): { readonly flow: Promise<F>; readonly take: (flow: F) => void } {
  let take: (flow: F) => void = () => undefined;
  const flow = new Promise<F>((resolve) => (take = resolve));
  return { flow, take: (given) => take(given) };
}

describe('changes', () => {
  test('of the request: method, path, query, headers, body', async () => {
    const { proxy, url } = await before({
      name: 'change',
      request({ request }) {
        request.method = 'PUT';
        request.path = '/other?x=1';
        request.query.set('y', '2');
        request.headers.set('Host', 'changed.example');
        request.text = 'twelve bytes';
      },
    });
    const response = await fetch(`${url}/here`, { method: 'POST', body: 'x' });
    expect(await response.text()).toBe('HTTP/1.1 PUT /other?x=1&y=2 changed.example 12');
    const [flow] = proxy.flows('~m PUT');
    expect(flow?.type === 'http' && flow.request.headers.get('content-length')).toBe('12');
  });

  test('of where it goes', async () => {
    const other = await webServer('http', (_, response) => response.end('the other'));
    const { url } = await before({
      name: 'lead',
      request({ request }) {
        request.port = other.port;
      },
    });
    expect(await (await fetch(url)).text()).toBe('the other');
  });

  test('of the response: status, headers, a body that was compressed', async () => {
    const { gzipSync } = await import('node:zlib');
    const server = await webServer('http', (_, response) => {
      response.setHeader('Content-Encoding', 'gzip').end(gzipSync('the old text'));
    });
    const { proxy } = await startedProxy({
      mode: `reverse:http://localhost:${String(server.port)}`,
      addons: [
        {
          name: 'change',
          response({ response }) {
            if (response === undefined) return;
            response.statusCode = 203;
            response.text = response.text?.replace('old', 'brand new');
            response.headers.add('X-Twice', 'a');
            response.headers.add('X-Twice', 'b');
          },
        },
      ],
    });
    const response = await fetch(proxy.url);
    expect(response.status).toBe(203);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('x-twice')).toBe('a, b');
    expect(await response.text()).toBe('the brand new text');
  });

  test.each(['requestheaders', 'request'] as const)('an answer in the place of the server, from %s', async (hook) => {
    const { proxy, url } = await before({
      name: 'answer',
      [hook](flow: HttpFlow) {
        flow.response = Response.make(418, 'a teapot', { 'X-By': 'addon' });
      },
    });
    const response = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, response.headers.get('x-by'), await response.text()]).toEqual([418, 'addon', 'a teapot']);
    const [flow] = proxy.flows('~c 418');
    expect(flow).toMatchObject({ error: undefined, serverConn: { timestampStart: undefined } });
  });

  test('another response in the response hook', async () => {
    const { url } = await before({
      name: 'replace',
      response(flow) {
        flow.response = Response.make(200, 'instead');
      },
    });
    expect(await (await fetch(url)).text()).toBe('instead');
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('7');
  });

  test('addons see what those before them made, and hooks come in order', async () => {
    const seen: string[] = [];
    const note = (name: string): Addon => ({
      name,
      requestheaders: () => seen.push(`${name} requestheaders`),
      request: ({ request }) => {
        seen.push(`${name} request ${request.path}`);
        request.path += name;
      },
      responseheaders: () => seen.push(`${name} responseheaders`),
      response: () => seen.push(`${name} response`),
    });
    const { proxy, url } = await before(note('one'));
    await proxy.use(note('two'));
    expect(await (await fetch(url)).text()).toMatch(/ \/onetwo /);
    expect(seen).toEqual([
      ...['one requestheaders', 'two requestheaders', 'one request /', 'two request /one'],
      ...['one responseheaders', 'two responseheaders', 'one response', 'two response'],
    ]);
  });
});

describe('streaming', () => {
  test('with functions that change each chunk, both ways', async () => {
    const server = await webServer('http', (_, response, body) => response.end(`got ${String(body)}`));
    const upper = (chunk: Buffer): Buffer => Buffer.from(String(chunk).toUpperCase());
    const { proxy } = await startedProxy({
      mode: `reverse:http://localhost:${String(server.port)}`,
      addons: [
        {
          name: 'stream',
          requestheaders: ({ request }) => void (request.stream = upper),
          responseheaders: ({ response }) => {
            if (response !== undefined) response.stream = (chunk) => [chunk, Buffer.from('!')];
          },
        },
      ],
    });
    const response = await fetch(proxy.url, { method: 'POST', body: 'hello' });
    expect(await response.text()).toMatch(/^got HELLO!+$/);
    const flow = await proxy.waitForFlow('~c 200');
    expect(flow.type === 'http' && [flow.request.rawContent, flow.response?.rawContent]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('a function that throws ends the exchange, and nothing else', async () => {
    const { proxy, lines, url } = await before({
      name: 'stream',
      responseheaders: ({ request, response }) => {
        if (response === undefined || request.path !== '/bad') return;
        response.stream = () => {
          throw new Error('no more');
        };
      },
    });
    const unhandled = await unhandledDuring(async () => {
      await expect(fetch(`${url}/bad`).then((response) => response.text())).rejects.toThrow();
      expect(await (await fetch(`${url}/good`)).text()).toContain('/good');
    });
    expect(unhandled).toEqual([]);
    const [flow] = proxy.flows('~u /bad');
    expect(flow?.error?.message).toContain('no more');
    expect(lines.join('\n')).toContain('no more');
  });

  test('server-sent events arrive one by one', async () => {
    const server = await rawServer();
    const { proxy } = await startedProxy({
      mode: `reverse:http://localhost:${String(server.port)}`,
      streamLargeBodies: '1m',
      storeStreamedBodies: true,
    });
    const client = await connect(proxy.port);
    client.send('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (const number of [1, 2, 3]) {
      const event = `data: ${String(number)}\n\n`;
      peer.send(`${event.length.toString(16)}\r\n${event}\r\n`);
      // The next one is sent only when this one is there.
      await client.until(event);
    }
    peer.send('0\r\n\r\n');
    const flow = await proxy.waitForFlow('~u /events');
    expect(flow.type === 'http' && flow.response?.text).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n');
  });
});

describe('holding', () => {
  test.each(['request', 'response'] as const)('intercept in %s, then resume', async (hook) => {
    const { flow: held, take } = caught<HttpFlow>();
    const { proxy, url } = await before({
      name: 'hold',
      [hook](flow: HttpFlow) {
        if (flow.request.path !== '/held') return;
        flow.intercept();
        take(flow);
      },
    });
    const asking = fetch(`${url}/held`);
    const flow = await held;
    // Others go on meanwhile.
    expect(await (await fetch(`${url}/free`)).text()).toContain('/free');
    expect(flow).toMatchObject({ intercepted: true, live: true });
    flow.request.path = '/changed';
    if (flow.response !== undefined) flow.response.text = 'changed /changed';
    flow.resume();
    expect(await (await asking).text()).toContain('/changed');
    expect(proxy.flows('~c 200')).toHaveLength(2);
  });

  test.each(['requestheaders', 'request', 'responseheaders', 'response'] as const)('kill in %s', async (hook) => {
    const { proxy, url } = await before({
      name: 'kill',
      [hook](flow: HttpFlow) {
        if (flow.request.path === '/bad') flow.kill();
      },
    });
    await expect(fetch(`${url}/bad`).then((response) => response.text())).rejects.toThrow();
    expect(await (await fetch(`${url}/good`)).text()).toContain('/good');
    const [flow] = proxy.flows('~u /bad');
    expect(flow).toMatchObject({ live: false, killable: false });
    expect(flow?.error?.message).toMatch(/kill/i);
  });

  test('kill while held, and a client that leaves while its flow is held', async () => {
    const flows: HttpFlow[] = [];
    let next: () => void = () => undefined;
    const { proxy, url } = await before({
      name: 'hold',
      request(flow) {
        flow.intercept();
        flows.push(flow);
        next();
      },
    });
    let arrived = new Promise<void>((resolve) => (next = resolve));
    const asking = fetch(url);
    await arrived;
    flows[0]?.kill();
    await expect(asking).rejects.toThrow();
    arrived = new Promise<void>((resolve) => (next = resolve));
    const client = await connect(proxy.port);
    client.send('GET /left HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived;
    client.socket.destroy();
    await once(client.socket, 'close');
    flows[1]?.resume();
    expect((await proxy.waitForFlow('~u /left')).error?.message).toBe('Client disconnected.');
  });
});

describe('addons that fail or take their time', () => {
  test('one that throws, or is rejected, is named in the log; the traffic goes on', async () => {
    const bad: Addon = {
      name: 'bad',
      requestheaders: () => {
        throw new Error('thrown in requestheaders');
      },
      request: () => Promise.reject(new Error('rejected in request')),
      responseheaders: () => {
        // Not an error at all.
        throw 'a text'; // eslint-disable-line @typescript-eslint/only-throw-error
      },
      response: async () => {
        await Promise.resolve();
        throw new TypeError('late in response');
      },
      clientConnected: () => {
        throw new Error('thrown in clientConnected');
      },
      serverConnected: () => Promise.reject(new Error('rejected in serverConnected')),
    };
    const { proxy, lines, url } = await before(bad);
    const unhandled = await unhandledDuring(async () => {
      expect(await (await fetch(url)).text()).toContain('GET /');
    });
    expect(unhandled).toEqual([]);
    for (const text of [
      'requestheaders',
      'request',
      'a text',
      'late in response',
      'clientConnected',
      'serverConnected',
    ]) {
      expect(lines.filter((line) => line.startsWith('error: ') && line.includes(text)).length, text).toBeGreaterThan(0);
    }
    expect(lines.filter((line) => line.includes('bad')).length).toBeGreaterThanOrEqual(6);
    expect(proxy.flows('~c 200')).toHaveLength(1);
  });

  test('promises are waited for in order, and other flows are not kept waiting', async () => {
    const order: string[] = [];
    const { flow: held, take } = caught<HttpFlow>();
    let letGo: () => void = () => undefined;
    const { proxy, url } = await before({
      name: 'slow',
      request(flow) {
        if (flow.request.path !== '/slow') return undefined;
        take(flow);
        return new Promise<void>((resolve) => (letGo = resolve)).then(() => order.push('slow'));
      },
    });
    await proxy.use({ name: 'next', request: ({ request }) => order.push(`next ${request.path}`) });
    const slow = fetch(`${url}/slow`);
    await held;
    await (await fetch(`${url}/quick`)).text();
    letGo();
    await (await slow).text();
    expect(order).toEqual(['next /quick', 'slow', 'next /slow']);
  });

  test('one that fails to load is not added', async () => {
    const { proxy, url } = await before({ name: 'fine' });
    const seen: string[] = [];
    const broken: Addon = {
      name: 'broken',
      load: () => {
        throw new Error('not today');
      },
      request: () => seen.push('request'),
    };
    await expect(proxy.use(broken)).rejects.toThrow('addon broken failed in load: not today');
    await (await fetch(url)).text();
    expect(seen).toEqual([]);
  });

  test('done is called once, at the end or on removal', async () => {
    const done: string[] = [];
    const one: Addon = { name: 'one', done: () => done.push('one') };
    const two: Addon = { name: 'two', done: () => done.push('two') };
    const { proxy } = await before(one);
    await proxy.use(two);
    await proxy.remove(two);
    expect(done).toEqual(['two']);
    await proxy.stop();
    expect(done).toEqual(['two', 'one']);
  });
});

describe('waitForFlow', () => {
  test('finds flows of the past and of the future, and says what there was when there is none', async () => {
    const { proxy, url } = await before({ name: 'none' });
    await (await fetch(`${url}/past`)).text();
    expect((await proxy.waitForFlow('~u past')).type).toBe('http');
    const future = proxy.waitForFlow((flow) => flow.type === 'http' && flow.request.path === '/future');
    await (await fetch(`${url}/future`)).text();
    expect((await future).error).toBeUndefined();
    const none = proxy.waitForFlow('~u never', 20);
    await expect(none).rejects.toThrow(TimeoutError);
    await expect(none).rejects.toThrow(/\/past/);
    proxy.clear();
    expect(proxy.flows()).toEqual([]);
    const waiting = proxy.waitForFlow('~u never', 60_000);
    const told = expect(waiting).rejects.toThrow(/stopped/);
    await proxy.stop();
    await told;
  });
});
