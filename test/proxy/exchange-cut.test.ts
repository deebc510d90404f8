// A response that passes as it arrives, and that the server breaks off: what came of it arrives, and then the end.
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../kit/connect.js';
import { Http2Peer, http2Peer } from '../kit/http2-peer.js';
import { ManualClock } from '../kit/manual-clock.js';
import type { Peer } from '../kit/peer.js';
import { rawServer } from '../kit/raw-server.js';
import { ByteSource } from '../../src/net/byte-source.js';
import type { ClientStream } from '../../src/proxy/http-stream.js';
import { Http1ClientStream } from '../../src/proxy/http1-client-stream.js';
import { Http1IncomingBody } from '../../src/proxy/http1-incoming-body.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { Proxy } from '../../src/proxy/proxy.js';
import { Http1RequestReader } from '../../src/wire/http1-reader.js';
import { breakingServer, clientOver, leave } from './breaking-server.js';
import type { BreakOff, Layer } from './breaking-server.js';
import { clientContext } from './client-context.js';
import { http2Sessions } from './http2-relay.js';

/** Milliseconds after which a client that takes nothing is not waited for any more. */
const patience = 600_000;

/** A proxy before a server, which passes every response on as it arrives; and the hooks that it called. */
async function streaming(layer: Layer, port: number, other: Addon = {}): Promise<[proxy: Proxy, hooks: string[]]> {
  const hooks: string[] = [];
  const noted = ['responseheaders', 'response', 'error'] as const;
  const addon = Object.fromEntries(noted.map((hook) => [hook, () => void hooks.push(hook)]));
  const proxy = await Proxy.start({
    mode: `reverse:${layer === 'TLS' ? 'https' : 'http'}://127.0.0.1:${String(port)}`,
    ...{ streamLargeBodies: '1', sslInsecure: true, addons: [addon, other] },
  });
  onTestFinished(() => proxy.stop());
  return [proxy, hooks];
}

async function before(layer: Layer, breakOff: BreakOff = leave): Promise<[proxy: Proxy, hooks: string[]]> {
  return streaming(layer, await breakingServer(layer, breakOff));
}

/** What a client got: how many bytes of a body, and how the connection ended. */
async function outcome(client: Peer): Promise<[bytes: number, end: string]> {
  await client.closed();
  const { error, ended, text } = client;
  return [text.replace(/[^z]/g, '').length, error?.code ?? (ended ? 'end' : 'closed')];
}

function get(path: string, version = 'HTTP/1.1'): string {
  return `GET ${path} ${version}\r\nHost: a\r\n\r\n`;
}

describe.each<[Layer, Layer]>([
  ['TCP', 'TCP'],
  ['TCP', 'TLS'],
  ['TLS', 'TCP'],
  ['TLS', 'TLS'],
])('a server over %s that leaves in the middle, and a client over %s', (up, down) => {
  it.each(['length', 'chunks'])('all arrives, and then an end that is none of the body: %s', async (framing) => {
    const [proxy, hooks] = await before(up);
    for (const size of [0, 3, 16_000, 1_000_000]) {
      const client = await clientOver(down, proxy.port);
      client.send(get(`/${framing}/${String(size)}`));
      expect(await outcome(client)).toEqual([size, 'end']);
      expect(client.text).not.toMatch(/\r\n0\r\n/);
    }
    expect(hooks.join(' ')).toBe(new Array(4).fill('responseheaders error').join(' '));
    for (const { error, response } of proxy.httpFlows()) {
      expect(error?.message).toMatch(/body/);
      expect([response?.statusCode, response?.rawContent]).toEqual([200, undefined]);
    }
  });
});

describe('a server that resets in the middle', () => {
  it.each<[Layer, Layer, number]>([
    ['TCP', 'TCP', 30_000],
    ['TLS', 'TLS', 3],
    ['TLS', 'TLS', 30_000],
  ])('what came arrives: %s, %s, %i bytes', async (up, down, size) => {
    let begun: () => void = () => undefined;
    let broken: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const isBroken = new Promise<void>((resolve) => (broken = resolve));
    const port = await breakingServer(up, (socket, part, raw) => {
      raw.once('close', broken);
      socket.write(part, () => void hasBegun.then(() => raw.resetAndDestroy()));
    });
    // The proxy has all of it, and knows of the reset, when it begins to answer.
    const responseheaders = (): Promise<void> => {
      begun();
      return isBroken.then(() => new Promise((resolve) => setImmediate(resolve)));
    };
    const [proxy] = await streaming(up, port, { responseheaders });
    const client = await clientOver(down, proxy.port);
    client.send(get(`/length/${String(size)}`));
    expect(await outcome(client)).toEqual([size, 'end']);
    expect(proxy.httpFlows()[0]?.error?.message).toContain('in the middle of a body');
  });
});

describe('a client that would take the end of the connection for that of the body', () => {
  it.each<Layer>(['TCP', 'TLS'])('is reset, behind what came: %s', async (layer) => {
    const [proxy] = await before('TCP');
    const client = await clientOver(layer, proxy.port);
    client.send(get('/chunks/1000000', 'HTTP/1.0'));
    expect(await outcome(client)).toEqual([1_000_000, 'ECONNRESET']);
  });
});

it('a client that reads late has lost nothing', async () => {
  const [proxy] = await before('TLS');
  const client = await clientOver('TLS', proxy.port);
  client.socket.pause();
  client.send(get('/length/1000000'));
  await proxy.waitForFlow('~e');
  client.socket.resume();
  expect(await outcome(client)).toEqual([1_000_000, 'end']);
});

it('a client of HTTP/2 gets all that came, and then RST_STREAM', async () => {
  const [proxy] = await before('TCP');
  const client = new Http2Peer(await clientOver('TLS', proxy.port, 'h2'), {});
  for (const size of [0, 3, 16_000, 1_000_000]) {
    const id = client.request(`/length/${String(size)}`);
    await client.over(id);
    expect(client.received.get(id) ?? 0).toBe(size);
    expect(client.answer(id)).toMatch(/^200 .* reset 2 by peer$/);
  }
});

it('a flow that is killed in the middle ends at once', async () => {
  const server = await rawServer((peer) => {
    void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nzzz'));
  });
  const [proxy] = await streaming('TCP', server.port);
  const client = await connect(proxy.port);
  await client.send(get('/')).until('zzz');
  proxy.httpFlows()[0]?.kill();
  expect(await outcome(client)).toEqual([3, 'ECONNRESET']);
  expect(proxy.httpFlows()[0]?.error?.message).toBe('Connection killed.');
});

describe('a client of HTTP/1', () => {
  /** A stream to a client, of which a part of a response of nine bytes was written. @param takes whether that is taken */
  function streamOf(part: string, takes: boolean): { client: Http1ClientStream; duplex: Duplex; clock: ManualClock } {
    const duplex = new Duplex({ read: () => undefined, write: (_, __, done) => (takes ? done() : undefined) });
    const request = new Request({ method: 'GET', host: 'a', port: 80, scheme: 'http' });
    const source = new ByteSource(duplex);
    const body = new Http1IncomingBody(new Http1RequestReader(), source, { by: 'none' }, 'the client');
    const client = new Http1ClientStream(duplex, request, body, false, () => Buffer.alloc(0));
    const response = new Response({ statusCode: 200, headers: [['Content-Length', '9']] });
    void client.sendHead(response).write(Buffer.from(part));
    return { client, duplex, clock: new ManualClock() };
  }

  it('is reset, after a moment, when the body is as long as it was told', async () => {
    const { client, duplex, clock } = streamOf('abcdefghi', true);
    const cut = client.cut(clock);
    await clock.untilWaiting(500);
    expect([duplex.destroyed, duplex.writableEnded]).toEqual([false, false]);
    clock.advance(500);
    await cut;
    expect([duplex.destroyed, duplex.writableFinished]).toEqual([true, false]);
  });

  it('is reset after some time when it takes nothing', async () => {
    const { client, duplex, clock } = streamOf('abc', false);
    const cut = client.cut(clock);
    clock.advance(patience - 1);
    expect(duplex.destroyed).toBe(false);
    clock.advance(1);
    await cut;
    expect(duplex.destroyed).toBe(true);
  });

  it.each(['abc', 'abcdefghi'])('is reset at once when its flow is killed meanwhile: %s', async (part) => {
    const { client, duplex, clock } = streamOf(part, false);
    const cut = client.cut(clock);
    await clock.untilWaiting(patience);
    client.abort();
    await cut;
    expect([duplex.destroyed, clock.waiting]).toEqual([true, []]);
  });
});

describe('a client of HTTP/2 that gives no room', () => {
  /** A client that took three of nine bytes, and the stream to it, which is cut. */
  async function stuck(): Promise<{
    peer: Http2Peer;
    id: number;
    clock: ManualClock;
    stream: ClientStream;
    over: () => Promise<void>;
  }> {
    const clock = new ManualClock(Date.now());
    const context = clientContext({ clock });
    let cutting: (stream: ClientStream) => void = () => undefined;
    const begun = new Promise<ClientStream>((resolve) => (cutting = resolve));
    let finish: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (finish = resolve));
    let breakOff: () => void = () => undefined;
    const isBroken = new Promise<void>((resolve) => (breakOff = resolve));
    const { port } = await http2Sessions(context, async (stream) => {
      void stream.sendHead(new Response({ statusCode: 200 })).write(Buffer.from('abcdefghi'));
      cutting(stream);
      await isBroken;
      await stream.cut(clock);
      finish();
    });
    const peer = await http2Peer(port, { settings: { initial_window_size: 3 }, windowUpdates: 'never' });
    const id = peer.request('/');
    await peer.until(() => peer.received.get(id) === 3);
    breakOff();
    await clock.untilWaiting(patience);
    return { peer, id, clock, stream: await begun, over: () => over };
  }

  it('has its stream reset after some time', async () => {
    const { peer, id, clock } = await stuck();
    clock.advance(patience);
    await peer.over(id);
    expect(peer.answer(id)).toBe('200 abc reset 2 by peer');
  });

  it('is given the rest when it gives room late', async () => {
    const { peer, id, clock } = await stuck();
    peer.core.sendWindowUpdate(id, 1);
    peer.flush();
    await peer.until(() => peer.received.get(id) === 4);
    // Something was taken: it has as much time again.
    clock.advance(patience);
    await clock.untilWaiting(patience);
    peer.core.sendWindowUpdate(id, 10);
    await peer.flush().over(id);
    expect(peer.answer(id)).toBe('200 abcdefghi reset 2 by peer');
  });

  it('has its stream reset at once when its flow is killed', async () => {
    const { peer, id, stream, over } = await stuck();
    stream.abort();
    await peer.over(id);
    await over();
    expect(peer.answer(id)).toBe('200 abc reset 2 by peer');
  });

  it.each<[what: string, leave: (peer: Http2Peer, id: number) => void]>([
    ['resets the stream', (peer, id) => peer.core.sendReset(id)],
    ['leaves', ({ peer }) => peer.socket.destroy()],
  ])('is not waited for when it %s', async (_, go) => {
    const { peer, id, clock, over } = await stuck();
    go(peer, id);
    if (!peer.peer.socket.destroyed) peer.flush();
    await over();
    expect(clock.waiting).not.toContain(patience);
  });
});
