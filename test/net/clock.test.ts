import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/net/clock.js';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('the system clock', () => {
  test('tells the time of the machine', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  });

  test('waits, and forgets its signal', async () => {
    const { signal } = new AbortController();
    await systemClock.wait(1, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends a wait when the signal aborts, and leaves no timer', async () => {
    const before = timers();
    const controller = new AbortController();
    const wait = systemClock.wait(3_600_000, controller.signal);
    expect(timers()).toBe(before + 1);
    controller.abort();
    await wait;
    expect(timers()).toBe(before);
    await systemClock.wait(3_600_000, controller.signal);
  });

  test.each([Infinity, 365 * 24 * 3_600_000, 2 ** 31])('does not take %d ms for 1', async (ms) => {
    vi.useFakeTimers();
    try {
      const controller = new AbortController();
      let over = false;
      const wait = systemClock.wait(ms, controller.signal).then(() => {
        over = true;
      });
      await vi.advanceTimersByTimeAsync(2 ** 31 - 1);
      expect(over).toBe(false);
      if (ms === Infinity) controller.abort();
      else await vi.advanceTimersByTimeAsync(ms);
      await wait;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('many waits on one signal raise no warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const controller = new AbortController();
    const waits = Array.from({ length: 50 }, () => systemClock.wait(1000, controller.signal));
    controller.abort();
    await Promise.all(waits);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
