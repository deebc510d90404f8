import { describe, expect, test } from 'vitest';
import { connect } from './connect.js';
import { ManualClock } from './manual-clock.js';
import { rawServer } from './raw-server.js';
import { unhandledDuring } from './unhandled.js';

describe('sockets', () => {
  test('a client and a raw server see what the other sends', async () => {
    const server = await rawServer((peer) => peer.send('welcome'));
    const client = await connect(server.port);
    await client.until('welcome');
    client.send('a\xff');
    const peer = await server.peer();
    expect(await peer.until(2)).toEqual(Buffer.from([0x61, 0xff]));
    peer.send(' and bye').end();
    expect((await client.closed()).toString()).toBe('welcome and bye');
    expect(client.ended).toBe(true);
  });

  test('waiting for what never comes fails once the connection is closed', async () => {
    const server = await rawServer((peer) => peer.send('almost').end());
    const client = await connect(server.port);
    await expect(client.until('all')).rejects.toThrow('connection closed before "all"; received "almost"');
  });
});

describe('the manual clock', () => {
  test('waits end when their time has come, in order', async () => {
    const clock = new ManualClock(1000);
    const order: string[] = [];
    const waits = [clock.wait(20).then(() => order.push('late')), clock.wait(10).then(() => order.push('early'))];
    await clock.untilWaiting(20);
    clock.advance(9);
    expect(clock.waiting).toEqual([20, 10]);
    clock.advance(11);
    await Promise.all(waits);
    expect(order).toEqual(['early', 'late']);
    expect(clock.now()).toBe(1020);
  });

  test('a wait ends when its signal aborts', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const wait = clock.wait(Infinity, controller.signal);
    controller.abort();
    await wait;
    await clock.wait(5, controller.signal);
    expect(clock.waiting).toEqual([]);
  });
});

test('what nobody handled is reported', async () => {
  const lost = new Error('lost');
  expect(await unhandledDuring(() => Promise.resolve())).toEqual([]);
  expect(
    await unhandledDuring(() => {
      void Promise.reject(lost);
      return Promise.resolve();
    }),
  ).toEqual([lost]);
});
