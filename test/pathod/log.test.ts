import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.js';
import { Log } from '../../src/pathod/log.js';
import type { LogEntry } from '../../src/pathod/log.js';
import { ManualClock } from '../kit/manual-clock.js';

function entry(msg: string, weight = 1): LogEntry {
  return { weight, at: 0, record: (id) => ({ id, type: 'error', msg }), text: () => `${msg}\n` };
}

const never = new AbortController().signal;

describe('the log', () => {
  test('keeps the last records, newest first, and numbers all', () => {
    const log = new Log(3, systemClock);
    for (const msg of 'abcde') log.add(entry(msg));
    expect(log.records()).toEqual([
      { id: 4, type: 'error', msg: 'e' },
      { id: 3, type: 'error', msg: 'd' },
      { id: 2, type: 'error', msg: 'c' },
    ]);
    expect(log.last()).toMatchObject({ id: 4 });
    expect([...log.entries()].map((one) => one.text({} as never)).join('')).toBe('c\nd\ne\n');
  });

  test('goes on counting when it is cleared', () => {
    const log = new Log(3, systemClock);
    log.add(entry('a'));
    log.clear();
    expect(log.size).toBe(0);
    expect(log.last()).toBeUndefined();
    log.add(entry('b'));
    expect(log.records()).toEqual([{ id: 1, type: 'error', msg: 'b' }]);
  });

  test('may keep nothing', () => {
    const log = new Log(0, systemClock);
    log.add(entry('a'));
    expect(log.records()).toEqual([]);
    expect(log.last()).toBeUndefined();
  });

  test('lets old entries go when they are heavy', () => {
    const log = new Log(500, systemClock);
    for (let i = 0; i < 100; i++) log.add(entry(String(i), 1024 * 1024));
    expect(log.size).toBe(32);
    expect(log.last()).toMatchObject({ id: 99 });
    log.add(entry('huge', 1024 ** 3));
    expect(log.size).toBe(0);
    log.add(entry('small'));
    expect(log.records()).toEqual([{ id: 101, type: 'error', msg: 'small' }]);
  });

  test('tells when it holds as many as are waited for', async () => {
    const clock = new ManualClock();
    const log = new Log(5, clock);
    const three = log.expect(3, 1000, never);
    for (const msg of 'abc') log.add(entry(msg));
    expect(await three).toBe(true);
    expect(await log.expect(3, 0, never)).toBe(true);
    expect(clock.waiting).toEqual([]);
  });

  test('tells when it waited for too long, or was told to stop', async () => {
    const clock = new ManualClock();
    const log = new Log(5, clock);
    const one = log.expect(1, 1000, never);
    clock.advance(1000);
    expect(await one).toBe(false);
    expect(await log.expect(1, 1000, AbortSignal.abort())).toBe(false);
  });
});
