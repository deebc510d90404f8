import type { Clock } from '../net/clock.js';

/** What a {@link Http2Keepalive} does. */
export interface KeepaliveActs {
  readonly ping: () => void;
  /** PING was not answered, and nothing else came either. */
  readonly giveUp: () => void;
}

/** Asks a peer that was silent for some time whether it is there. It has one timer, however much happens. */
export class Http2Keepalive {
  private readonly over = new AbortController();
  private last: number;
  private isAsked = false;

  /** @param seconds of silence before PING, and again before giving up; 0 for never */
  constructor(
    private readonly clock: Clock,
    seconds: number,
    private readonly acts: KeepaliveActs,
  ) {
    this.last = clock.now();
    if (seconds > 0) void this.watch(seconds * 1000);
  }

  /** Something was received. */
  touch(): void {
    this.last = this.clock.now();
    this.isAsked = false;
  }

  stop(): void {
    // The default reason, an error with its stack, is costly.
    this.over.abort('stopped');
  }

  private async watch(ms: number): Promise<void> {
    const { clock, over, acts } = this;
    for (;;) {
      const left = this.last + ms - clock.now();
      if (left > 0) {
        await clock.wait(left, over.signal);
        if (over.signal.aborted) return;
      } else if (this.isAsked) break;
      else {
        this.isAsked = true;
        this.last = clock.now();
        acts.ping();
      }
    }
    acts.giveUp();
  }
}
