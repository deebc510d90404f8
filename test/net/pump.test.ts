import { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/net/listen.js';
import { pump, readAhead } from '../../src/net/pump.js';
import type { Consumed, Pumped } from '../../src/net/pump.js';
import type { Socket } from 'node:net';
import { connect } from '../kit/connect.js';
import type { Peer } from '../kit/peer.js';
import { unhandledDuring } from '../kit/unhandled.js';

async function pair(): Promise<{ client: Peer; socket: Socket }> {
  let accept: (socket: Socket) => void = () => undefined;
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const listener = await listen({}, (socket) => {
    accept(socket);
  });
  onTestFinished(() => listener.close());
  const client = await connect(listener.port, { allowHalfOpen: true });
  return { client, socket: await accepted };
}

/** A gate that a test opens when it is time. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return {
    passed,
    open: () => {
      open();
    },
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('pump', () => {
  test('hands on what comes, and tells the end while our side may still write', async () => {
    const { client, socket } = await pair();
    const seen: Buffer[] = [];
    const pumped = pump(socket, (chunk) => void seen.push(chunk));
    client.send('one ').send('two').end();
    expect(await pumped).toEqual({ how: 'end' });
    expect(Buffer.concat(seen).toString()).toBe('one two');
    socket.end('answer');
    expect((await client.untilEnd()).toString()).toBe('answer');
  });

  test('the next chunk waits for the promise of the one before', async () => {
    const { client, socket } = await pair();
    const first = gate();
    const seen: string[] = [];
    const pumped = pump(socket, (chunk) => {
      seen.push(chunk.toString());
      return seen.length === 1 ? first.passed : undefined;
    });
    client.send('first');
    while (seen.length === 0) await tick();
    client.send('second').end();
    while (!socket.readableEnded) await tick();
    expect(seen).toEqual(['first']);
    first.open();
    expect(await pumped).toEqual({ how: 'end' });
    expect(seen).toEqual(['first', 'second']);
  });

  test('reads no more than its bound ahead, and then all of it', async () => {
    const { client, socket } = await pair();
    const first = gate();
    let bytes = 0;
    let calls = 0;
    const total = 8 * 1024 * 1024;
    const pumped = pump(socket, (chunk) => {
      bytes += chunk.length;
      return ++calls === 1 ? first.passed : undefined;
    });
    client.send(Buffer.alloc(total)).end();
    while (!socket.isPaused()) await tick();
    for (let turn = 0; turn < 50; turn++) await tick();
    // What is kept, the chunk in hand, one more chunk under way and the stream's own buffer.
    expect(socket.bytesRead).toBeLessThan(readAhead + 4 * 64 * 1024);
    first.open();
    expect(await pumped).toEqual({ how: 'end' });
    expect(bytes).toBe(total);
  });

  test('a reset is an outcome, not a rejection', async () => {
    const { client, socket } = await pair();
    let ending: Pumped | undefined;
    const reasons = await unhandledDuring(async () => {
      const pumped = pump(socket, () => undefined);
      client.socket.resetAndDestroy();
      ending = await pumped;
    });
    expect(reasons).toEqual([]);
    expect(ending).toMatchObject({ how: 'closed', error: { code: 'ECONNRESET' } });
  });

  test('a reset while a chunk is dealt with ends the pump after it', async () => {
    const { client, socket } = await pair();
    const first = gate();
    const pumped = pump(socket, () => first.passed);
    client.send('x');
    while (socket.bytesRead === 0) await tick();
    client.socket.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
    let over = false;
    void pumped.then(() => (over = true));
    await tick();
    expect(over).toBe(false);
    first.open();
    expect(await pumped).toMatchObject({ how: 'closed' });
  });

  test('destroying the stream ends it without an error', async () => {
    const { socket } = await pair();
    const pumped = pump(socket, () => undefined);
    socket.destroy();
    expect(await pumped).toEqual({ how: 'closed', error: undefined });
    expect(await pump(socket, () => undefined)).toEqual({ how: 'closed', error: undefined });
  });

  test.each<[string, () => Consumed | Promise<Consumed>]>([
    ['at once', () => 'stop'],
    ['by a promise', () => tick().then(() => 'stop')],
  ])('stops when told to %s, and another pump goes on', async (_, answer) => {
    const { client, socket } = await pair();
    const pumped = pump(socket, answer);
    client.send('first');
    expect(await pumped).toEqual({ how: 'stopped', rest: Buffer.alloc(0) });
    const seen: string[] = [];
    const next = pump(socket, (chunk) => void seen.push(chunk.toString()));
    client.send('second').end();
    expect(await next).toEqual({ how: 'end' });
    expect(seen).toEqual(['second']);
    expect(['data', 'end', 'close'].map((event) => socket.listenerCount(event))).toEqual(
      ['data', 'end', 'close'].map((event) => plainListeners[event] ?? 0),
    );
  });

  test('what was read ahead is given back when it stops', async () => {
    const { client, socket } = await pair();
    const first = gate();
    const pumped = pump(socket, () => first.passed.then(() => 'stop'));
    client.send('first');
    while (socket.bytesRead === 0) await tick();
    client.send('second');
    while (socket.bytesRead < 'firstsecond'.length) await tick();
    await tick();
    first.open();
    expect(await pumped).toEqual({ how: 'stopped', rest: Buffer.from('second') });
  });

  test.each<[string, () => Consumed | Promise<Consumed>]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('what the reader %s is passed on', async (_, read) => {
    const { client, socket } = await pair();
    const pumped = pump(socket, read);
    client.send('x');
    await expect(pumped).rejects.toThrow('mine');
    expect(socket.destroyed).toBe(false);
  });

  test('reads any duplex, and one that has ended already', async () => {
    const duplex = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    duplex.push('abc');
    duplex.push(null);
    const seen: string[] = [];
    expect(await pump(duplex, (chunk) => void seen.push(chunk.toString()))).toEqual({ how: 'end' });
    expect(seen).toEqual(['abc']);
    expect(await pump(duplex, () => undefined)).toEqual({ how: 'end' });
  });
});

/** What a socket of `listen` has without us: its own, and the one that forgets it. */
const plainListeners: Readonly<Record<string, number>> = { data: 0, end: 1, close: 1 };
