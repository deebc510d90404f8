import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Http2Peer } from '../kit/http2-peer.js';
import { rawServer } from '../kit/raw-server.js';
import type { ClientContext } from '../../src/proxy/context.js';
import type { Upstreams } from '../../src/proxy/http-upstream.js';
import type { ServerStream } from '../../src/proxy/http-stream.js';
import { Http2Upstream } from '../../src/proxy/http2-upstream.js';
import { Request } from '../../src/proxy/message/request.js';
import { createServerDialler } from '../../src/proxy/server-dialler.js';
import type { Destination } from '../../src/proxy/server-link.js';
import { createUpstreams } from '../../src/proxy/upstreams.js';
import { http2ErrorCodes } from '../../src/wire/http2-registry.js';
import { clientContext } from './client-context.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

interface Bench {
  readonly context: ClientContext;
  readonly upstreams: Upstreams;
  /** The names of the hooks about servers. */
  readonly hooks: readonly string[];
}

function bench(): Bench {
  const hooks: string[] = [];
  const names = ['serverConnect', 'serverConnected', 'serverDisconnected', 'serverConnectError'];
  const addon = Object.fromEntries(names.map((name) => [name, () => void hooks.push(name)]));
  const context = clientContext({ addons: [addon] });
  return { context, upstreams: createUpstreams(context, createServerDialler(context)), hooks };
}

/** A server that answers every request, and where it is. */
async function answering(): Promise<{ destination: Destination; connections: () => number }> {
  const server = await rawServer((peer) => {
    peer.socket.on('data', () => peer.send(ok));
  });
  return { destination: destinationAt(server.port), connections: () => server.peers.length };
}

function destinationAt(port: number): Destination {
  return { address: ['127.0.0.1', port], tls: false, sni: undefined, via: undefined };
}

async function exchange(stream: ServerStream): Promise<void> {
  void stream.sendWhole(new Request({ host: 'a', port: 80, rawContent: Buffer.alloc(0) }));
  const { body } = await stream.receive(() => undefined);
  while ((await body.read()) !== undefined);
}

describe('connections to servers', () => {
  it('are used again when they are free, and made when none is', async () => {
    const { upstreams } = bench();
    const { destination, connections } = await answering();
    const first = await upstreams.open(destination);
    const second = await upstreams.open({ ...destination });
    await exchange(first);
    await exchange(second);
    expect([first.isReused, second.isReused, connections()]).toEqual([false, false, 2]);
    first.release();
    first.release();
    const third = upstreams.open({ ...destination });
    if (third instanceof Promise) throw new Error('a free connection is there at once');
    expect([third.isReused, third.connection]).toEqual([true, first.connection]);
    await exchange(third);
    const fresh = await upstreams.open(destination, undefined, true);
    expect([fresh.isReused, connections()]).toEqual([false, 3]);
    upstreams.close();
  });

  it('are not shared by what differs', async () => {
    const { upstreams, context } = bench();
    const { destination, connections } = await answering();
    const first = await upstreams.open(destination);
    await exchange(first);
    first.release();
    const other = await upstreams.open({ ...destination, sni: 'other' });
    expect([other.isReused, connections()]).toEqual([false, 2]);
    upstreams.close();
    expect(context.client.peername).toBeDefined();
  });

  it('are closed by an exchange that was given up, and told of once', async () => {
    const { upstreams, hooks } = bench();
    const server = await rawServer();
    const stream = await upstreams.open(destinationAt(server.port));
    void stream.sendWhole(new Request({ host: 'a', port: 80, rawContent: Buffer.alloc(0) }));
    stream.release();
    upstreams.close();
    upstreams.close();
    await (await server.peer()).untilEnd();
    expect(hooks).toEqual(['serverConnect', 'serverConnected', 'serverDisconnected']);
    expect(stream.connection.timestampEnd).toBeGreaterThan(0);
  });

  it('wait in a bounded number', async () => {
    const { upstreams, hooks } = bench();
    const { destination } = await answering();
    const streams = await Promise.all(Array.from({ length: 20 }, async () => upstreams.open(destination)));
    for (const stream of streams) {
      await exchange(stream);
      stream.release();
    }
    expect(hooks.filter((hook) => hook === 'serverDisconnected')).toHaveLength(4);
    upstreams.close();
    expect(hooks.filter((hook) => hook === 'serverDisconnected')).toHaveLength(20);
  });

  it('that cannot be made reject with the reason', async () => {
    const { upstreams, hooks } = bench();
    const server = await rawServer();
    await server.close();
    await expect(upstreams.open(destinationAt(server.port))).rejects.toThrow('connection refused');
    expect(hooks).toEqual(['serverConnect', 'serverConnectError']);
  });

  it('that were offered are used first, and taken whole when nobody has', async () => {
    const { upstreams, context } = bench();
    const { destination, connections } = await answering();
    const dialler = createServerDialler(context);
    upstreams.offer(await dialler.connect(destination, true));
    const stream = await upstreams.open(destination);
    await exchange(stream);
    expect([stream.isReused, connections()]).toEqual([true, 1]);
    const link = await dialler.connect(destination, true);
    upstreams.offer(link);
    const taken = await upstreams.take(destination);
    expect(taken).toBe(link);
    taken.duplex.write('GET / HTTP/1.1\r\n\r\n');
    expect(String(await once(taken.duplex.resume(), 'data'))).toBe(ok);
    taken.duplex.destroy();
    const made = await upstreams.take(destination);
    expect(connections()).toBe(3);
    made.duplex.destroy();
    upstreams.close();
  });

  it('that were offered and ended meanwhile are not used', async () => {
    const { upstreams, context, hooks } = bench();
    const server = await rawServer();
    const destination = destinationAt(server.port);
    upstreams.offer(await createServerDialler(context).connect(destination, true));
    await (await server.peer()).end().untilEnd();
    expect(hooks.at(-1)).toBe('serverDisconnected');
    const stream = await upstreams.open(destination);
    expect([stream.isReused, server.peers.length]).toEqual([false, 2]);
    upstreams.close();
  });

  it('are given up when nobody needs them any more', async () => {
    const { upstreams } = bench();
    const server = await rawServer();
    const opening = upstreams.open(destinationAt(server.port));
    upstreams.close();
    await expect(opening).rejects.toThrow();
  });
});

describe('a connection of HTTP/1', () => {
  it('is given away with what was read of it', async () => {
    const { upstreams } = bench();
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\nmore'));
    });
    const stream = await upstreams.open(destinationAt(server.port));
    void stream.sendWhole(new Request({ host: 'a', port: 80, rawContent: Buffer.alloc(0) }));
    await stream.receive(() => undefined);
    const taken = stream.takeOver?.();
    expect(taken?.rest.toString()).toBe('more');
    stream.release();
    upstreams.close();
    expect(taken?.duplex.destroyed).toBe(false);
    taken?.duplex.destroy();
  });

  it('knows no more than one exchange at a time', async () => {
    const { upstreams } = bench();
    const { destination } = await answering();
    const [one, other] = await Promise.all([1, 2].map(async () => upstreams.open(destination)));
    expect(one?.connection).not.toBe(other?.connection);
    upstreams.close();
  });
});

describe('connections of HTTP/2', () => {
  it('are forgotten when the server has said GOAWAY, and closed once', async () => {
    const context = clientContext();
    const closing = vi.spyOn(Http2Upstream.prototype, 'close');
    onTestFinished(() => {
      closing.mockRestore();
    });
    const servers: Http2Peer[] = [];
    const raw = await rawServer((peer) => servers.push(new Http2Peer(peer, { role: 'server' })));
    const upstreams = createUpstreams(context, createServerDialler(context));
    const destination = { ...destinationAt(raw.port), http2: true };
    for (let i = 0; i < 5; i++) {
      const stream = await upstreams.open(destination);
      void stream.sendWhole(new Request({ httpVersion: 'HTTP/2.0', scheme: 'http', host: 'a', port: 80, path: '/' }));
      await raw.peer(i);
      const server = servers[i];
      if (server === undefined) throw new Error('no connection');
      const { streamId } = await server.event('headers');
      server.core.sendGoaway(http2ErrorCodes.no_error, streamId);
      server.core.sendHeaders(streamId, [{ name: ':status', value: '200' }], { endStream: true });
      server.flush();
      await stream.receive(() => undefined);
      stream.release();
    }
    expect(servers).toHaveLength(5);
    const closed = closing.mock.calls.length;
    upstreams.close();
    expect(closing.mock.calls.length - closed).toBeLessThanOrEqual(1);
  });
});
