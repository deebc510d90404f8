import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { http1Host, routeTo } from './http1-host.js';

const total = 96 * 1024 * 1024;
const piece = Buffer.alloc(256 * 1024, 'x');

const streaming = {
  requestheaders: ({ request }: HttpFlow): void => {
    request.stream = true;
  },
  responseheaders: ({ response }: HttpFlow): void => {
    if (response !== undefined) response.stream = true;
  },
};

/** Writes a body as fast as it is taken, and tells how much of it was. */
function write(socket: Socket): { taken: number } {
  const progress = { taken: 0 };
  void (async () => {
    for (let sent = 0; sent < total && !socket.destroyed; sent += piece.length) {
      if (!socket.write(piece, () => (progress.taken += piece.length))) await once(socket, 'drain');
    }
  })().catch(() => undefined);
  return progress;
}

/** Resolves once nothing more is taken for many turns of the event loop. */
async function stalled(progress: { taken: number }): Promise<void> {
  for (let still = 0, last = -1; still < 3000; still++) {
    if (progress.taken !== last) still = 0;
    last = progress.taken;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Reads and counts until so many bytes came. */
async function drain(socket: Socket, bytes: number): Promise<void> {
  let count = 0;
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      count += chunk.length;
      if (count >= bytes) resolve();
    });
    socket.resume();
  });
}

describe('a slow reader', () => {
  it('of a response stops the server', async () => {
    let server: { taken: number } | undefined;
    const upstream = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => {
        peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${String(total)}\r\n\r\n`);
        server = write(peer.socket);
      });
    });
    const host = await http1Host({ route: routeTo(upstream.port), addons: [streaming] });
    const { socket } = await host.client();
    socket.removeAllListeners('data').pause();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await host.event('responseheaders');
    if (server === undefined) throw new Error('the server was not asked');
    await stalled(server);
    expect(server.taken).toBeLessThan(total / 2);
    await drain(socket, total);
    expect((await host.event('response')).response?.rawContent).toBeUndefined();
  });

  it('of a request stops the client', async () => {
    const upstream = await rawServer((peer) => {
      peer.socket.removeAllListeners('data').pause();
    });
    const host = await http1Host({ route: routeTo(upstream.port), addons: [streaming] });
    const { socket } = await host.client();
    socket.write(`POST / HTTP/1.1\r\nContent-Length: ${String(total)}\r\n\r\n`);
    const client = write(socket);
    const peer = await upstream.peer();
    await stalled(client);
    expect(client.taken).toBeLessThan(total / 2);
    await drain(peer.socket, total);
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect((await host.event('response')).error).toBeUndefined();
  });
});

describe('a server that answers before it was told all', () => {
  it('is heard at once, and told the rest', async () => {
    const upstream = await rawServer((peer) => {
      void peer.until('\r\n\r\na').then(() => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    });
    const host = await http1Host({ route: routeTo(upstream.port), addons: [streaming] });
    const client = await host.client();
    await client.send('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na').until('hi');
    const peer = await upstream.peer();
    client.send('bc');
    await peer.until('\r\n\r\nabc');
    await host.event('request');
    expect(host.names()).toEqual(['requestheaders', 'responseheaders', 'response', 'request']);
    expect((await host.event('request')).error).toBeUndefined();
  });
});
