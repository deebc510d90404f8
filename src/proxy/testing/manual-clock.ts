import type { Clock } from '../../net/clock.js';

interface Wait {
  readonly until: number;
  readonly ms: number;
  readonly finish: () => void;
}

/** A clock whose hands the test turns. It can also be given to `Proxy.start`. */
export class ManualClock implements Clock {
  private readonly waits = new Set<Wait>();
  private readonly watchers = new Set<() => void>();

  /** @param time what it shows at first, in milliseconds since 1970 */
  constructor(private time = 0) {}

  /** Milliseconds since 1970. */
  now(): number {
    return this.time;
  }

  /** Resolves once {@link advance} has brought it that far, or as soon as the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const finish = (): void => {
        this.waits.delete(wait);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const wait: Wait = { until: this.time + ms, ms, finish };
      this.waits.add(wait);
      signal?.addEventListener('abort', finish);
      for (const watch of this.watchers) watch();
    });
  }

  /** The lengths of the waits that are under way, in milliseconds. */
  get waiting(): number[] {
    return [...this.waits].map(({ ms }) => ms);
  }

  /** Resolves once somebody waits for that long, in milliseconds; for anything when none is given. */
  async untilWaiting(ms?: number): Promise<void> {
    const isThere = (): boolean => [...this.waits].some((wait) => ms === undefined || wait.ms === ms);
    if (isThere()) return;
    await new Promise<void>((resolve) => {
      const watch = (): void => {
        if (!isThere()) return;
        this.watchers.delete(watch);
        resolve();
      };
      this.watchers.add(watch);
    });
  }

  /**
   * Lets time pass, and every wait that is over by then end, in order of time.
   * @param ms milliseconds
   */
  advance(ms: number): void {
    this.time += ms;
    const over = [...this.waits].filter(({ until }) => until <= this.time).sort((a, b) => a.until - b.until);
    for (const { finish } of over) finish();
  }
}
