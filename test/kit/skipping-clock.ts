import { systemClock } from '../../src/net/clock.js';
import type { Clock } from '../../src/net/clock.js';
import { onAbort } from '../../src/net/on-abort.js';

/** Waits up to so many milliseconds take their time: they are for the network, not for people. */
const shortWait = 20;

/** A clock on which all but short waits are over at once, as if their time had passed. */
export class SkippingClock implements Clock {
  private skipped = 0;
  private someoneWaits: () => void = () => undefined;
  private readonly forever = new Promise<void>((resolve) => {
    this.someoneWaits = resolve;
  });

  now(): number {
    return systemClock.now() + this.skipped;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= shortWait) return systemClock.wait(ms, signal);
    return new Promise((resolve) => {
      if (Number.isFinite(ms)) {
        this.skipped += ms;
        setImmediate(resolve);
        return;
      }
      this.someoneWaits();
      onAbort(signal, resolve);
    });
  }

  /** Resolves once somebody waits forever. */
  untilForever(): Promise<void> {
    return this.forever;
  }
}
