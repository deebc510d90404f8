import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { hangUp } from '../../src/net/hang-up.js';
import { ManualClock } from '../kit/manual-clock.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';

describe('hangUp', () => {
  test('sends what was written, then the end, and closes when the peer has ended', async () => {
    const server = await rawServer();
    const client = await connect(server.port, { allowHalfOpen: true });
    const peer = await server.peer();
    const clock = new ManualClock();
    client.send('last words');
    const closed = hangUp(client.socket, clock);
    expect((await peer.untilEnd()).toString()).toBe('last words');
    peer.end();
    await closed;
    expect(client.socket.closed).toBe(true);
    expect(clock.waiting).toEqual([]);
  });

  test('is patient for a moment only', async () => {
    const server = await rawServer();
    const client = await connect(server.port, { allowHalfOpen: true });
    const clock = new ManualClock();
    const closed = hangUp(client.socket, clock);
    await clock.untilWaiting();
    clock.advance(500);
    await closed;
    const peer = await server.peer();
    await peer.untilEnd();
  });

  test('destroys at once when the signal aborts or has aborted', async () => {
    const server = await rawServer();
    const clock = new ManualClock();
    const first = await connect(server.port, { allowHalfOpen: true });
    await hangUp(first.socket, clock, AbortSignal.abort());
    const second = await connect(server.port, { allowHalfOpen: true });
    const controller = new AbortController();
    const closed = hangUp(second.socket, clock, controller.signal);
    controller.abort();
    await closed;
    expect(clock.waiting).toEqual([]);
  });

  test('may be called again, for a stream that ended, and for one that is gone', async () => {
    const clock = new ManualClock();
    const duplex = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    const both = [hangUp(duplex, clock), hangUp(duplex, clock)];
    duplex.push(null);
    await Promise.all(both);
    await hangUp(duplex, clock);
    expect(clock.waiting).toEqual([]);
  });
});
