import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial } from '../../src/net/dial.js';
import { passOn } from '../../src/net/pass-on.js';
import { Random } from '../../src/language/random.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';

/** Bytes of which no stretch is like another. */
function drawn(length: number): Buffer {
  return Random.fromSeed('reads').bytes(length);
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A connection to a server that sends `bytes` in pieces of some sizes, and ends. */
async function dialled(bytes: Buffer, pieces: readonly number[]): Promise<Socket> {
  const server = await rawServer((peer) => {
    let at = 0;
    const send = (): void => {
      for (let turn = 0; at < bytes.length; turn++) {
        const length = pieces[turn % pieces.length] ?? 1;
        const piece = bytes.subarray(at, at + length);
        at += length;
        if (!peer.socket.write(piece)) {
          peer.socket.once('drain', send);
          return;
        }
      }
      peer.socket.end();
    };
    send();
  });
  const socket = await dial({ host: '127.0.0.1', port: server.port });
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

function relay(from: Socket, to: Socket): void {
  from.on('data', (chunk: Buffer) => {
    const draining = passOn(to, chunk);
    if (draining === undefined) return;
    from.pause();
    void draining.then(() => from.resume());
  });
}

const sizes = [
  ['small', 300_000, [1, 7, 100, 1000]],
  ['large', 32 * 1024 * 1024, [4 * 1024 * 1024]],
  ['of all sizes', 16 * 1024 * 1024, [100, 300_000, 70_000, 1, 131_072, 65_536]],
] as const;

describe('what a socket that was dialled reads', () => {
  test.each(sizes)('is kept as it came: pieces that are %s', async (_, length, pieces) => {
    const bytes = drawn(length);
    const socket = await dialled(bytes, pieces);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    expect(digest(Buffer.concat(chunks))).toBe(digest(bytes));
  });

  test.each(sizes)(
    'is passed on as it came, to readers fast and slow: pieces that are %s',
    async (_, length, pieces) => {
      const bytes = drawn(length);
      // Several at a time take memory from one another.
      const received = await Promise.all(
        [0, 1, 2].map(async (slowness) => {
          const sink = await rawServer();
          const peer = await connect(sink.port);
          const [socket, { socket: reader }] = [await dialled(bytes, pieces), await sink.peer()];
          reader.removeAllListeners('data');
          const hash = createHash('sha256');
          let chunks = 0;
          reader.on('data', (chunk: Buffer) => {
            hash.update(chunk);
            if (slowness === 0 || ++chunks % slowness !== 0) return;
            reader.pause();
            setImmediate(() => reader.resume());
          });
          socket.on('data', (chunk: Buffer) => {
            const draining = passOn(peer.socket, chunk);
            if (draining === undefined) return;
            socket.pause();
            void draining.then(() => socket.resume());
          });
          socket.once('end', () => peer.socket.end());
          await once(reader, 'end');
          return hash.digest('hex');
        }),
      );
      expect(new Set(received)).toEqual(new Set([digest(bytes)]));
    },
  );

  test('leaves the memory of what is kept alone when other chunks are passed on', async () => {
    const bytes = drawn(8 * 1024 * 1024);
    const [kept, passed] = [await dialled(bytes, [1024 * 1024]), await dialled(bytes, [1024 * 1024])];
    const sink = await rawServer((peer) => peer.socket.resume());
    const peer = await connect(sink.port);
    const chunks: Buffer[] = [];
    kept.on('data', (chunk: Buffer) => chunks.push(chunk));
    relay(passed, peer.socket);
    await Promise.all([once(kept, 'end'), once(passed, 'end')]);
    expect(digest(Buffer.concat(chunks))).toBe(digest(bytes));
  });
});
