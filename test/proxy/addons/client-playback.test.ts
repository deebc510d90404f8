import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClientPlayback } from '../../../src/proxy/addons/client-playback.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { webSocketFlow } from '../../../src/proxy/testing/index.js';
import { saveFlows } from '../../../src/proxy/save-flows.js';
import { rawServer } from '../../kit/raw-server.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { WebProtocol } from '../../kit/web-server.js';
import { liveFlow, load } from './fired.js';
import { startProxy } from './started.js';

function recorded(url: string, body = '', method = 'GET'): HttpFlow {
  const flow = new HttpFlow(Request.make(method, url, body, { Host: new URL(url).host }));
  flow.response = Response.make(200, 'of old');
  return flow;
}

describe('client replay', () => {
  it.each<WebProtocol>(['http', 'https', 'h2'])('sends what is in files again, in order, over %s', async (protocol) => {
    const asked: string[] = [];
    const origin = await webServer(protocol, (request, response, body) => {
      asked.push(`HTTP/${request.httpVersion} ${String(request.method)} ${String(request.url)} ${body.toString()}`);
      response.end(`answer to ${String(request.url)}`);
    });
    const url = `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${String(origin.port)}`;
    const file = join(temporaryDirectory(), 'flows.mitm');
    const flows = [recorded(`${url}/1`), recorded(`${url}/2`, 'body', 'POST'), recorded(`${url}/3`)];
    for (const { request } of flows) {
      if (protocol !== 'h2') continue;
      request.httpVersion = 'HTTP/2.0';
      request.authority = `127.0.0.1:${String(origin.port)}`;
      request.headers.delete('host');
    }
    await saveFlows(flows, file, {});
    const { proxy } = await startProxy({ addonOptions: { clientReplay: [file] } });
    await proxy.waitForFlow('~u /3 ~s');
    const version = protocol === 'h2' ? '2.0' : '1.1';
    expect(asked).toEqual([`HTTP/${version} GET /1 `, `HTTP/${version} POST /2 body`, `HTTP/${version} GET /3 `]);
    expect(proxy.httpFlows('~replayq').map(({ response }) => response?.text)).toEqual([
      'answer to /1',
      'answer to /2',
      'answer to /3',
    ]);
    expect(proxy.httpFlows('~u /2')[0]?.request.text).toBe('body');
  });

  it('goes through all hooks, and is changed there', async () => {
    const origin = await webServer('http', (request, response) => response.end(request.headers['x-tag']));
    const { proxy } = await startProxy({ addonOptions: { modifyHeaders: ['/~q/X-Tag/replayed'] } });
    const flow = recorded(`http://127.0.0.1:${String(origin.port)}/`);
    await proxy.call('replay.client', [flow]);
    const done = await proxy.waitForFlow('~replayq ~s');
    expect(done).toBe(flow);
    expect(flow.response?.text).toBe('replayed');
  });

  it('is answered by server replay, and fails as any request does', async () => {
    const { proxy } = await startProxy({});
    const flow = recorded('http://a.test.invalid/');
    await proxy.replay(flow);
    expect(flow.response).toBeUndefined();
    expect(flow.error?.message).toMatch(/a\.test\.invalid/);
    await proxy.call('replay.server', [recorded('http://a.test.invalid/')]);
    await proxy.replay(flow);
    expect(flow).toMatchObject({ error: undefined, response: { statusCode: 200 } });
  });

  it('goes through the proxy of upstream mode', async () => {
    const upstream = await startProxy({});
    const origin = await webServer('http', (_request, response) => response.end('far'));
    const { proxy } = await startProxy({ mode: `upstream:${upstream.proxy.url}` });
    const flow = recorded(`http://127.0.0.1:${String(origin.port)}/`);
    await proxy.replay(flow);
    expect(flow.response?.text).toBe('far');
    expect(upstream.proxy.httpFlows()).toHaveLength(1);
  });

  it('refuses the flow of a WebSocket, and leaves it as it was', async () => {
    const server = await rawServer();
    const { proxy, lines } = await startProxy({});
    const flow = webSocketFlow({ url: `ws://127.0.0.1:${String(server.port)}/chat`, live: false });
    flow.backup();
    const refusal = `GET http://127.0.0.1:${String(server.port)}/chat is not sent again: it opened a WebSocket`;
    await expect(proxy.replay(flow)).rejects.toThrow(new TypeError(refusal));
    await proxy.call('replay.client', [flow]);
    expect(lines).toEqual([refusal]);
    expect(flow.modified()).toBe(false);
    expect(flow.isReplay).toBeUndefined();
    expect(server.peers).toEqual([]);
  });

  it.each(['websocket', 'other'])(
    'closes the connection of a server that changes to the protocol %s',
    async (upgrade) => {
      const { request, response } = webSocketFlow();
      const accept = String(response?.headers.get('sec-websocket-accept'));
      const server = await rawServer((peer) => {
        const fields = `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Accept: ${accept}\r\n`;
        void peer.until('\r\n\r\n').then(() => peer.send(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`));
      });
      const hooks: string[] = [];
      const note = (name: string) => () => void hooks.push(name);
      const addon = Object.fromEntries(
        (['response', 'websocketStart', 'error', 'serverDisconnected'] as const).map((name) => [name, note(name)]),
      );
      const { proxy } = await startProxy({ addons: [addon] });
      const flow = recorded(`http://127.0.0.1:${String(server.port)}/`);
      for (const [name, value] of request.headers) if (name !== 'Host') flow.request.headers.set(name, value);
      flow.request.headers.set('upgrade', upgrade);
      await proxy.replay(flow);
      const peer = await server.peer();
      await peer.until(() => peer.ended);
      expect(flow).toMatchObject({
        live: false,
        websocket: undefined,
        error: undefined,
        response: { statusCode: 101 },
      });
      expect(hooks).toEqual(['response', 'serverDisconnected']);
      expect(proxy.flows()).toEqual([flow]);
    },
  );

  it('ends with the proxy', async () => {
    const origin = await webServer('http', () => undefined);
    const { proxy } = await startProxy({});
    const flow = recorded(`http://127.0.0.1:${String(origin.port)}/`);
    const replay = proxy.replay(flow);
    await proxy.stop();
    await replay;
    expect(flow.error).toBeDefined();
  });
});

it('requests that cannot be sent are told, one by one', async () => {
  const { call, lines } = await load(new ClientPlayback());
  const unkept = recorded('http://a.test/unkept');
  unkept.request.rawContent = undefined;
  const tunnel = new HttpFlow(new Request({ method: 'CONNECT', host: 'a.test', port: 443, authority: 'a.test:443' }));
  const chat = webSocketFlow({ url: 'ws://a.test/chat', live: false });
  call('replay.client', [liveFlow('http://a.test/live'), unkept, tunnel, chat]);
  expect(lines).toEqual([
    'warn: GET http://a.test/live is not sent again: it is under way',
    'warn: GET http://a.test/unkept is not sent again: its body was not kept',
    'warn: CONNECT a.test:443 is not sent again: it asks for a tunnel',
    'warn: GET http://a.test/chat is not sent again: it opened a WebSocket',
  ]);
  expect(call('replay.client.count')).toBe(0);
});

it('a request that cannot be sent any more when its turn comes is told, and the others are sent', async () => {
  const addon = new ClientPlayback();
  const { hooks, lines, call } = await load(addon);
  Object.assign(hooks.given.flows, {
    replay: ({ request }: HttpFlow) =>
      request.path === '/1' ? Promise.reject(new TypeError('no')) : Promise.resolve(),
  });
  await hooks.fire('running', undefined);
  call('replay.client', [recorded('http://a.test/1'), recorded('http://a.test/2')]);
  await addon.finished();
  expect(lines).toEqual(['warn: no']);
});

it('of damaged files all that is good is sent, then the error is told', async () => {
  const directory = temporaryDirectory();
  const files = ['one', 'two'].map((name) => join(directory, name));
  for (const file of files) {
    await saveFlows([recorded(`http://a.test/${file}`)], file, {});
    appendFileSync(file, '9:');
  }
  const addon = new ClientPlayback();
  const { hooks, lines } = await load(addon, { clientReplay: files });
  const sent: string[] = [];
  Object.assign(hooks.given.flows, {
    replay: async ({ request }: HttpFlow) => {
      await Promise.resolve();
      sent.push(request.path, ...lines);
    },
  });
  expect(lines).toEqual([]);
  await hooks.fire('running', undefined);
  await addon.finished();
  expect(sent).toEqual(files.map((file) => `/${file}`));
  expect(lines.map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual(
    files.map((file) => `error: client_replay cannot read ${file}`),
  );
});

it('as many as are allowed are under way at once', async () => {
  for (const [most, expected] of [
    [1, 1],
    [2, 2],
    [-1, 5],
  ] as const) {
    const addon = new ClientPlayback();
    const { hooks, call } = await load(addon, { clientReplayConcurrency: most });
    let underWay = 0;
    let peak = 0;
    Object.assign(hooks.given.flows, {
      replay: async () => {
        peak = Math.max(peak, ++underWay);
        await Promise.resolve();
        underWay--;
      },
    });
    await hooks.fire('running', undefined);
    call(
      'replay.client',
      Array.from({ length: 5 }, (_, i) => recorded(`http://a.test/${String(i)}`)),
    );
    await addon.finished();
    expect(peak).toBe(expected);
  }
});
