import type { Clock } from './clock.js';

/** Milliseconds that a slice stands for, unless it is a single byte: short enough to look even. */
const sliceTime = 50;

/** Spreads bytes over time, so that no more than so many are sent in any second. */
export class Pace {
  /** Bytes to be sent at a time. */
  readonly slice: number;
  private readonly interval: number;
  /** When the next slice may go. */
  private due: number;

  constructor(
    private readonly bytesPerSecond: number,
    private readonly clock: Clock,
  ) {
    this.slice = Math.max(1, Math.floor((bytesPerSecond * sliceTime) / 1000));
    this.interval = (this.slice * 1000) / bytesPerSecond;
    this.due = clock.now();
  }

  /** Waits until `bytes` may be sent, or the signal aborts. */
  async turn(bytes: number, signal: AbortSignal): Promise<void> {
    const wait = this.due - this.clock.now();
    // The shortest wait that timers know; what is sent early is waited for with the next slice.
    if (wait >= 1) await this.clock.wait(wait, signal);
    // Time that a slow reader lost is not made up by a burst, but for one late timer.
    this.due = Math.max(this.due, this.clock.now() - this.interval) + (bytes * 1000) / this.bytesPerSecond;
  }
}
