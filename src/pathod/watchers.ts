import type { Clock } from '../net/clock.js';

/** Those who wait until something is the case. */
export class Watchers {
  private readonly looks = new Set<() => void>();

  /** Has everybody look again; costs next to nothing when nobody waits. */
  notify(): void {
    if (this.looks.size > 0) for (const look of this.looks) look();
  }

  /** Resolves once it is the case, `ms` milliseconds have passed, or the signal aborts: to whether it is the case. */
  async until(isTheCase: () => boolean, ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (isTheCase()) return true;
    const settled = new AbortController();
    const look = (): void => {
      if (isTheCase()) settled.abort();
    };
    this.looks.add(look);
    await clock.wait(ms, AbortSignal.any([settled.signal, signal]));
    this.looks.delete(look);
    return settled.signal.aborted;
  }
}
