// What scripts do to traffic, written as scripts in Python are: a script in JavaScript with names in snake case.
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect } from '../../kit/connect.js';
import { rawServer } from '../../kit/raw-server.js';
import { webServer } from '../../kit/web-server.js';
import { scriptedProxy } from './scripted-proxy.js';

const http = `
  import { Response } from 'pathod/proxy';

  export function requestheaders(flow) {
    if (flow.request.path === '/upload') flow.request.stream = (chunk) => chunk.map((byte) => byte ^ 32);
  }

  export async function request(flow, ctx) {
    const { request } = flow;
    if (request.pretty_url.endsWith('/here')) flow.response = Response.make(418, 'from here', { 'X-Made': 'here' });
    if (request.path === '/kill') flow.kill();
    if (request.path === '/other') request.port = Number(ctx.options.other_port);
    if (request.path === '/wait') await ctx.wait(0.01);
    if (request.path === '/form') {
      request.urlencoded_form.set('colour', 'blue');
      request.path_components = ['form', 'sent'];
      request.headers.set('X-Tag', request.http_version);
    }
  }

  export function responseheaders(flow) {
    if (flow.request.path === '/stream') flow.response.stream = (chunk) => Buffer.from(chunk.toString().toUpperCase());
    if (flow.request.path === '/untouched') flow.response.stream = true;
  }

  export function response(flow) {
    if (flow.request.path !== '/edit') return;
    flow.response.status_code = 203;
    flow.response.set_text(flow.response.get_text().replace('GET', 'got'));
    flow.response.headers.set('X-Was', String(flow.response.raw_content.length));
  }

  export const load = (loader) => loader.add_option('other_port', 'int', 0, 'A server beside.');
`;

const webSocket = `
  exports.websocket_start = (flow, ctx) => {
    ctx.flows.inject(flow, true, 'welcome');
  }

  exports.websocket_message = (flow, ctx) => {
    const message = flow.websocket.messages.at(-1);
    if (message.from_client && message.text === 'secret') message.drop();
    if (message.from_client && message.text === 'twice') ctx.flows.inject(flow, false, 'again');
    if (!message.injected) message.text = message.text.replace('rude', 'polite');
  }
`;

const tcp = `
  export function tcp_message(flow, ctx) {
    const message = flow.messages.at(-1);
    if (!message.from_client) return;
    if (message.content.toString() === 'bye') flow.kill();
    message.content = Buffer.from(message.content.toString().toUpperCase());
  }
`;

describe('a script', () => {
  it('edits, answers, redirects, streams, delays and kills HTTP', async () => {
    const { port } = await webServer('http', ({ method, url, headers }, response, body) => {
      response.end(`${String(method)} ${String(url)} ${String(headers['x-tag'])} ${body.toString()}`);
    });
    const other = await webServer('http', (_, response) => response.end('the other'));
    const { proxy } = await scriptedProxy(
      { 'a.js': http },
      { mode: `reverse:http://127.0.0.1:${String(port)}`, settings: [`other_port=${String(other.port)}`] },
    );
    const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
      const response = await fetch(proxy.url + path, init);
      return `${String(response.status)} ${await response.text()}`;
    };
    expect(await ask('/here')).toBe('418 from here');
    expect(await ask('/other')).toBe('200 the other');
    expect(await ask('/wait')).toBe('200 GET /wait undefined ');
    expect(await ask('/form', { method: 'POST', body: new URLSearchParams({ colour: 'red' }) })).toBe(
      '200 POST /form/sent HTTP/1.1 colour=blue',
    );
    expect(await ask('/edit')).toBe('203 got /edit undefined ');
    expect(await ask('/stream')).toBe('200 GET /STREAM UNDEFINED ');
    expect(await ask('/untouched')).toBe('200 GET /untouched undefined ');
    expect(await ask('/upload', { method: 'POST', body: 'abc' })).toBe('200 POST /upload undefined ABC');
    await expect(ask('/kill')).rejects.toThrow();
  });

  it('edits, drops and injects messages of WebSockets', async () => {
    const { port, server } = await webServer();
    const sockets = new WebSocketServer({ server });
    const got: string[] = [];
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        got.push(data.toString());
        socket.send(`rude ${data.toString()}`);
      });
    });
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
    });
    const { proxy } = await scriptedProxy({ 'a.cjs': webSocket }, { mode: `reverse:http://127.0.0.1:${String(port)}` });
    const client = new WebSocket(proxy.url.replace('http:', 'ws:'));
    const told: string[] = [];
    client.on('message', (data: Buffer) => told.push(data.toString()));
    await once(client, 'open');
    for (const text of ['secret', 'a rude word', 'twice']) client.send(text);
    while (told.length < 4) await once(client, 'message');
    client.terminate();
    expect(got.toSorted()).toEqual(['a polite word', 'again', 'twice']);
    expect(told[0]).toBe('welcome');
    expect(told.slice(1).toSorted()).toEqual(['polite a polite word', 'polite again', 'polite twice']);
  });

  it('edits and kills TCP', async () => {
    const server = await rawServer();
    const { proxy } = await scriptedProxy({ 'a.mjs': tcp }, { mode: `reverse:tcp://127.0.0.1:${String(server.port)}` });
    const client = await connect(proxy.port);
    client.send('hello');
    const peer = await server.peer();
    expect((await peer.until(5)).toString()).toBe('HELLO');
    client.send('bye');
    await client.closed();
    expect(proxy.flows().map(({ error }) => error?.message)).toEqual(['Connection killed.']);
  });
});
