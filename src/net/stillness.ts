import type { Clock } from './clock.js';

/** Notices when nothing has happened for some time. It has one timer, however much happens. */
export class Stillness {
  private readonly over = new AbortController();
  private last: number;
  private held = false;

  /**
   * @param seconds undefined: never
   * @param onStill called once, and nothing is watched after that
   */
  constructor(
    private readonly clock: Clock,
    seconds: number | undefined,
    private readonly onStill: () => void,
  ) {
    this.last = clock.now();
    if (seconds !== undefined) void this.watch(seconds * 1000);
  }

  /** Something happened. */
  touch(): void {
    this.last = this.clock.now();
  }

  /** While held, nothing needs to happen. */
  hold(held: boolean): void {
    this.held = held;
    this.touch();
  }

  /** Ends the watch. */
  stop(): void {
    // The default reason, an error with its stack, is costly.
    this.over.abort('stopped');
  }

  private async watch(ms: number): Promise<void> {
    const { clock, over } = this;
    for (;;) {
      const left = this.held ? ms : this.last + ms - clock.now();
      if (left <= 0) break;
      await clock.wait(left, over.signal);
      if (over.signal.aborted) return;
    }
    this.onStill();
  }
}
