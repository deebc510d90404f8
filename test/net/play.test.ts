import { getEventListeners } from 'node:events';
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RenderError } from '../../src/errors.js';
import type { Action, Plan, Segment } from '../../src/language/plan.js';
import { listen } from '../../src/net/listen.js';
import { play } from '../../src/net/play.js';
import type { Played } from '../../src/net/play.js';
import { pump } from '../../src/net/pump.js';
import { connect } from '../kit/connect.js';
import { ManualClock } from '../kit/manual-clock.js';
import type { Peer } from '../kit/peer.js';
import { unhandledDuring } from '../kit/unhandled.js';

const never = new AbortController().signal;

function plan(segments: readonly (string | Segment)[], actions: readonly Action[] = [], fixed = false): Plan {
  const made = segments.map((segment) => (typeof segment === 'string' ? Buffer.from(segment) : segment));
  return { segments: made, actions, length: made.reduce((sum, { length }) => sum + length, 0), fixed };
}

/** Bytes that tell their own offset, so that a lost or doubled one shows. */
const counting = (length: number): Segment => ({
  length,
  read(at, into) {
    for (let index = 0; index < into.length; index++) into[index] = patternAt(at + index);
  },
});
const patternAt = (offset: number): number => (offset * 31 + (offset >> 8)) & 0xff;
const pattern = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, offset) => patternAt(offset)));

/** A connection whose server side is pumped, as a daemon's is. */
async function stage(
  options: { readonly reads?: boolean } = {},
): Promise<{ peer: Peer; socket: Socket; clock: ManualClock }> {
  let accept: (socket: Socket) => void = () => undefined;
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const listener = await listen({}, (socket) => {
    accept(socket);
  });
  onTestFinished(() => listener.close());
  const peer = await connect(listener.port, { allowHalfOpen: true });
  const socket = await accepted;
  if (options.reads !== false) void pump(socket, () => undefined);
  return { peer, socket, clock: new ManualClock() };
}

const listenerCounts = (socket: Duplex): number[] =>
  ['drain', 'finish', 'close', 'end', 'error'].map((event) => socket.listenerCount(event));

describe('a plan that one write can perform', () => {
  test.each<[string, Plan, string]>([
    ['one buffer', plan(['abc'], [], true), 'abc'],
    ['several segments', plan(['abc', 'def', 'g']), 'abcdefg'],
    ['a lazy segment', plan(['<', { length: 3, read: (_, into) => void into.fill(0x78) }, '>']), '<xxx>'],
    [
      'injections',
      plan(
        ['abc', 'def'],
        [
          { at: 0, do: 'inject', data: Buffer.from('1') },
          { at: 4, do: 'inject', data: Buffer.from('2') },
          { at: 99, do: 'inject', data: Buffer.from('3') },
        ],
        true,
      ),
      '1abcd2ef3',
    ],
  ])('is written at once: %s', async (_, small, expected) => {
    const { peer, socket, clock } = await stage();
    const before = listenerCounts(socket);
    expect(play(small, socket, clock, never)).toBe('done');
    expect(play(small, socket, clock, never)).toBe('done');
    expect(listenerCounts(socket)).toEqual(before);
    expect((await peer.until(expected.length * 2)).toString()).toBe(expected.repeat(2));
  });

  test('an empty plan writes nothing', async () => {
    const { peer, socket, clock } = await stage();
    expect(play(plan([]), socket, clock, never)).toBe('done');
    expect(play(plan(['']), socket, clock, never)).toBe('done');
    socket.end();
    expect(await peer.untilEnd()).toHaveLength(0);
  });

  test('waits when the peer does not read, for as long as it does not', async () => {
    const { peer, socket, clock } = await stage();
    peer.socket.pause();
    const whole = plan([pattern(60_000)], [], true);
    let plays = 0;
    let played: Played | Promise<Played> = 'done';
    while (played === 'done') {
      played = play(whole, socket, clock, never);
      plays++;
    }
    expect(socket.writableLength).toBeLessThanOrEqual(60_000);
    peer.socket.resume();
    expect(await played).toBe('done');
    const expected = Buffer.concat(Array.from({ length: plays }, () => pattern(60_000)));
    expect((await peer.until(plays * 60_000)).equals(expected)).toBe(true);
  });

  test('does nothing for a peer that has left, or once aborted', async () => {
    const { socket, clock } = await stage();
    expect(play(plan(['x']), socket, clock, AbortSignal.abort())).toBe('aborted');
    socket.destroy();
    expect(play(plan(['x']), socket, clock, never)).toBe('peer-left');
  });
});

describe('a plan performed in steps', () => {
  test('generated data arrives whole, and the stream holds little of it', async () => {
    const { peer, socket, clock } = await stage();
    const length = 5 * 1024 * 1024 + 7;
    const before = listenerCounts(socket);
    let most = 0;
    const observe = (): void => {
      most = Math.max(most, socket.writableLength);
    };
    expect(await play(plan(['head', counting(length)]), socket, clock, never, { observe })).toBe('done');
    const received = await peer.until(length + 4);
    expect(received.subarray(4).equals(pattern(length))).toBe(true);
    expect(most).toBeLessThan(1024 * 1024);
    expect(listenerCounts(socket)).toEqual(before);
  });

  test('pauses at the exact byte, for the time given', async () => {
    const { peer, socket, clock } = await stage();
    const played = play(plan(['abcdef'], [{ at: 2, do: 'pause', seconds: 3 }]), socket, clock, never);
    await clock.untilWaiting(3000);
    expect((await peer.until(2)).toString()).toBe('ab');
    clock.advance(2999);
    expect(clock.waiting).toEqual([3000]);
    clock.advance(1);
    expect(await played).toBe('done');
    expect((await peer.until(6)).toString()).toBe('abcdef');
  });

  test('observes exactly what is written', async () => {
    const { socket, clock } = await stage();
    const seen: Buffer[] = [];
    const observe = (bytes: Buffer): void => void seen.push(Buffer.from(bytes));
    const actions: Action[] = [
      { at: 1, do: 'pause', seconds: 0 },
      { at: 2, do: 'inject', data: Buffer.from('!') },
    ];
    const played = play(plan(['abc'], actions), socket, clock, never, { observe });
    await clock.untilWaiting();
    clock.advance(0);
    await played;
    expect(play(plan(['xyz']), socket, clock, never, { observe })).toBe('done');
    expect(Buffer.concat(seen).toString()).toBe('ab!cxyz');
  });

  test('any actions at any offsets come out as written', async () => {
    const { peer, socket, clock } = await stage();
    const action = fc.record({ at: fc.nat(40), data: fc.uint8Array({ maxLength: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(12), { maxLength: 4 }),
        fc.array(action),
        fc.boolean(),
        async (lengths, injections, pauses) => {
          const sorted = injections.toSorted((a, b) => a.at - b.at);
          const message = plan(
            lengths.map((length) => counting(length)),
            [
              ...(pauses ? [{ at: 0, do: 'pause', seconds: 0 } as const] : []),
              ...sorted.map(({ at, data }) => ({ at, do: 'inject', data: Buffer.from(data) }) as const),
            ],
          );
          const plain = Buffer.concat(lengths.map((length) => pattern(length)));
          const expected: Buffer[] = [];
          for (let offset = 0; offset <= plain.length; offset++) {
            const here = sorted.filter(({ at }) => Math.min(at, plain.length) === offset);
            expected.push(...here.map(({ data }) => Buffer.from(data)), plain.subarray(offset, offset + 1));
          }
          const from = peer.received.length;
          const played = play(message, socket, clock, never);
          if (pauses) {
            await clock.untilWaiting();
            clock.advance(0);
          }
          expect(await played).toBe('done');
          const bytes = Buffer.concat(expected);
          expect((await peer.until(from + bytes.length)).subarray(from)).toEqual(bytes);
        },
      ),
    );
  });

  test('others have their turn while a fast reader takes all it gets', async () => {
    // A sink that takes every write at once, as a socket does whose reader keeps up.
    const sink = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    let over = false;
    setImmediate(count);
    const played = await play(plan([counting(16 * 1024 * 1024)]), sink, new ManualClock(), never);
    over = true;
    expect(played).toBe('done');
    expect(turns).toBeGreaterThan(10);
  });

  test('what a lazy segment throws is passed on, and nothing is left behind', async () => {
    const { socket, clock } = await stage();
    const shrinking: Segment = {
      length: 1024 * 1024,
      read(at) {
        if (at > 0) throw new RenderError('File became shorter');
      },
    };
    const before = listenerCounts(socket);
    await expect(play(plan([shrinking]), socket, clock, never)).rejects.toThrow(RenderError);
    expect(listenerCounts(socket)).toEqual(before);
    expect(() =>
      play(
        plan([
          {
            length: 1,
            read: () => {
              throw new RenderError('gone');
            },
          },
        ]),
        socket,
        clock,
        never,
      ),
    ).toThrow('gone');
  });
});

describe('a disconnect', () => {
  const disconnect = (at: number): Action => ({ at, do: 'disconnect' });

  test.each([0, 1, 5, 6, 1000])('after %d bytes: the peer has them, and the end', async (at) => {
    const { peer, socket, clock } = await stage();
    expect(await play(plan(['abcdef'], [disconnect(at)]), socket, clock, never)).toBe('closed-by-plan');
    expect((await peer.untilEnd()).toString()).toBe('abcdef'.slice(0, at));
    peer.end();
    await new Promise((resolve) => (socket.closed ? resolve(0) : socket.once('close', resolve)));
    expect(peer.error).toBeUndefined();
    expect(clock.waiting).toEqual([]);
  });

  test('of much data is exact', async () => {
    const { peer, socket, clock } = await stage();
    const at = 3 * 1024 * 1024 + 1;
    expect(await play(plan([counting(9 * 1024 * 1024)], [disconnect(at)]), socket, clock, never)).toBe(
      'closed-by-plan',
    );
    expect((await peer.untilEnd()).equals(pattern(at))).toBe(true);
  });

  test.each([true, false])('unread input does not eat what was sent (pumped: %s)', async (reads) => {
    const { peer, socket, clock } = await stage({ reads });
    peer.send(Buffer.alloc(48 * 1024));
    expect(await play(plan(['answer'], [disconnect(6)]), socket, clock, never)).toBe('closed-by-plan');
    expect((await peer.untilEnd()).toString()).toBe('answer');
    peer.end();
    await peer.closed();
    expect(peer.error).toBeUndefined();
  });

  test('a peer that stays has half a second', async () => {
    const { peer, socket, clock } = await stage();
    await play(plan(['x'], [disconnect(1)]), socket, clock, never);
    await peer.untilEnd();
    await clock.untilWaiting(500);
    expect(socket.destroyed).toBe(false);
    clock.advance(500);
    await new Promise((resolve) => socket.once('close', resolve));
  });

  test('a slow reader gets it all', async () => {
    const { peer, socket, clock } = await stage();
    peer.socket.pause();
    const at = 20 * 1024 * 1024;
    const played = play(plan([counting(at)], [disconnect(at)]), socket, clock, never);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.waiting).toEqual([]);
    peer.socket.resume();
    expect(await played).toBe('closed-by-plan');
    expect(await peer.untilEnd()).toHaveLength(at);
  });

  test('an abort afterwards destroys the socket', async () => {
    const { socket, clock } = await stage();
    const controller = new AbortController();
    await play(plan(['x'], [disconnect(1)]), socket, clock, controller.signal);
    controller.abort();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(clock.waiting).toEqual([]);
  });
});

describe('a reset', () => {
  test('reaches the peer behind all bytes before it', async () => {
    const { peer, socket, clock } = await stage();
    const played = play(plan(['abcdef'], [{ at: 4, do: 'disconnect', how: 'rst' }]), socket, clock, never);
    expect((await peer.until(4)).toString()).toBe('abcd');
    await clock.untilWaiting();
    clock.advance(20);
    expect(await played).toBe('closed-by-plan');
    expect((await peer.closed()).toString()).toBe('abcd');
    expect(peer.error?.code).toBe('ECONNRESET');
    expect(peer.ended).toBe(false);
    expect(clock.waiting).toEqual([]);
  });

  test('waits for a slow reader, or there would be nothing to reset behind', async () => {
    const { peer, socket, clock } = await stage();
    peer.socket.pause();
    const at = 20 * 1024 * 1024;
    const played = play(plan([counting(at)], [{ at, do: 'disconnect', how: 'rst' }]), socket, clock, never);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.destroyed).toBe(false);
    peer.socket.resume();
    await clock.untilWaiting(20);
    clock.advance(20);
    expect(await played).toBe('closed-by-plan');
  });

  test('of a stream that has none destroys it', async () => {
    const sink = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    const message = plan(['abc'], [{ at: 0, do: 'disconnect', how: 'rst' }]);
    expect(await play(message, sink, new ManualClock(), never)).toBe('closed-by-plan');
    expect(sink.destroyed).toBe(true);
  });
});

describe('an end of our side', () => {
  test('leaves the other one open', async () => {
    const { peer, socket, clock } = await stage();
    expect(await play(plan(['abcdef'], [{ at: 4, do: 'disconnect', how: 'fin' }]), socket, clock, never)).toBe(
      'half-closed',
    );
    expect((await peer.untilEnd()).toString()).toBe('abcd');
    const said = new Promise((resolve) =>
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk.toString());
      }),
    );
    peer.send('still here');
    expect(await said).toBe('still here');
    expect([socket.destroyed, clock.waiting]).toEqual([false, []]);
  });
});

describe('a rate', () => {
  const rate = (at: number, bytesPerSecond: number): Action => ({ at, do: 'rate', bytesPerSecond });

  /** Turns the clock on by steps until a performance is over. @returns how much was there at each time */
  async function timeline(played: Played | Promise<Played>, peer: Peer, clock: ManualClock, sent: () => number) {
    const times: [ms: number, bytes: number][] = [];
    let isOver = false;
    const over = Promise.resolve(played).then(() => (isOver = true));
    while (!isOver) {
      await Promise.race([over, clock.untilWaiting()]);
      await peer.until(sent());
      times.push([clock.now(), sent()]);
      clock.advance(Math.min(...clock.waiting));
    }
    return times;
  }

  test.each([
    [1, 5],
    [7, 20],
    [100, 250],
    [2048, 5000],
    [1_000_000, 300_000],
  ])('of %d bytes a second is kept to for %d bytes, evenly', async (bytesPerSecond, length) => {
    const { peer, socket, clock } = await stage();
    let sent = 0;
    const observe = (bytes: Buffer): void => void (sent += bytes.length);
    const message = plan(['abc', pattern(length)], [rate(3, bytesPerSecond)]);
    const times = await timeline(play(message, socket, clock, never, { observe }), peer, clock, () => sent);
    const slice = Math.max(1, bytesPerSecond / 20);
    for (const [ms, bytes] of times) {
      expect(bytes - 3).toBeLessThanOrEqual((bytesPerSecond * ms) / 1000 + slice + 1);
      expect(bytes - 3).toBeGreaterThanOrEqual(Math.min(length, (bytesPerSecond * ms) / 1000 - slice - 1));
    }
    expect((await peer.until(length + 3)).subarray(3).equals(pattern(length))).toBe(true);
  });

  test('holds until the next one', async () => {
    const { peer, socket, clock } = await stage();
    const message = plan([pattern(1_000_000)], [rate(0, 10), rate(5, 1_000_000_000)]);
    const played = play(message, socket, clock, never);
    for (let i = 0; i < 4; i++) {
      await clock.untilWaiting();
      clock.advance(100);
    }
    const finished = Promise.resolve(played);
    await Promise.race([finished, clock.untilWaiting()]);
    let isOver = false;
    void finished.then(() => (isOver = true));
    while (!isOver) {
      clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(clock.now()).toBeLessThan(3000);
    expect(await peer.until(1_000_000)).toHaveLength(1_000_000);
  });

  test('is ended by a peer that leaves, and by an abort', async () => {
    const left = await stage();
    const played = play(plan([pattern(1000)], [rate(0, 1)]), left.socket, left.clock, never);
    await left.clock.untilWaiting();
    left.peer.socket.resetAndDestroy();
    expect(await played).toBe('peer-left');
    expect(left.clock.waiting).toEqual([]);
    const { socket, clock } = await stage();
    const controller = new AbortController();
    const aborted = play(plan([pattern(1000)], [rate(0, 1)]), socket, clock, controller.signal);
    await clock.untilWaiting();
    controller.abort();
    expect(await aborted).toBe('aborted');
    expect(clock.waiting).toEqual([]);
  });
});

describe('a peer that leaves', () => {
  const pausing = (seconds: number | 'forever'): Plan => plan(['abcdef'], [{ at: 3, do: 'pause', seconds }]);

  test('by a reset during a pause is noticed', async () => {
    const { peer, socket, clock } = await stage();
    const played = play(pausing(60), socket, clock, never);
    await clock.untilWaiting();
    peer.socket.resetAndDestroy();
    expect(await played).toBe('peer-left');
    expect(clock.waiting).toEqual([]);
  });

  test('by closing during a pause without end is noticed', async () => {
    const { peer, socket, clock } = await stage();
    const played = play(pausing('forever'), socket, clock, never);
    await clock.untilWaiting(Infinity);
    peer.socket.destroy();
    expect(await played).toBe('peer-left');
  });

  test('is not one that only ends its side during a finite pause', async () => {
    const { peer, socket, clock } = await stage();
    const played = play(pausing(60), socket, clock, never);
    await clock.untilWaiting();
    peer.end();
    await new Promise((resolve) => socket.once('end', resolve));
    clock.advance(60_000);
    expect(await played).toBe('done');
    expect((await peer.until(6)).toString()).toBe('abcdef');
  });

  test('during a write is noticed, and costs no unhandled error', async () => {
    const { peer, socket, clock } = await stage();
    const reasons = await unhandledDuring(async () => {
      const played = play(plan([counting(512 * 1024 * 1024)]), socket, clock, never);
      await peer.until(100_000);
      peer.socket.resetAndDestroy();
      expect(await played).toBe('peer-left');
    });
    expect(reasons).toEqual([]);
  });

  test('while a disconnect waits for it is noticed', async () => {
    const { peer, socket, clock } = await stage();
    peer.socket.pause();
    const at = 64 * 1024 * 1024;
    const played = play(plan([counting(at)], [{ at, do: 'disconnect' }]), socket, clock, never);
    peer.socket.resetAndDestroy();
    expect(await played).toBe('peer-left');
  });
});

describe('an abort', () => {
  test.each<[string, Plan]>([
    ['a pause', plan(['ab'], [{ at: 1, do: 'pause', seconds: 'forever' }])],
    ['a long pause', plan(['ab'], [{ at: 1, do: 'pause', seconds: 1e300 }])],
    ['a write', plan([counting(512 * 1024 * 1024)])],
  ])('ends %s and leaves no listener', async (_, message) => {
    const { peer, socket, clock } = await stage();
    peer.socket.pause();
    const controller = new AbortController();
    const before = listenerCounts(socket);
    const played = play(message, socket, clock, controller.signal);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await played).toBe('aborted');
    expect(listenerCounts(socket)).toEqual(before);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(clock.waiting).toEqual([]);
    expect(socket.destroyed).toBe(false);
  });
});
