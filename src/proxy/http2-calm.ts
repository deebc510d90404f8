/** Frames that cost a peer nothing and us something (RFC 9113, section 10.5), and when they are too many. */
import type { Clock } from '../net/clock.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { frameFlags, frameTypes } from '../wire/http2-registry.js';

/** Frames that may come in a period in which less work than that was done. */
const most = 1000;
/** Milliseconds. */
const period = 10_000;

/** What is said of a peer that sent too many. */
export const flooded = `more than ${String(most)} frames to no end within ${String(period / 1000)} s`;

/**
 * Counts what a peer sends to no end (SETTINGS, PING, PRIORITY, RST_STREAM, empty DATA, unknown ones) beside the bodies that
 * were received and sent. A peer that has work to do may send as many of these as it likes.
 */
export class Http2Calm {
  private idle = 0;
  private useful = 0;
  private since: number;

  constructor(private readonly clock: Clock) {
    this.since = clock.now();
  }

  /** Something was done on behalf of the peer. */
  worked(): void {
    this.useful++;
  }

  /** Looks at a frame that was received. @returns whether it is one too many */
  isTooMuch(frame: Http2Frame): boolean {
    if (frame.type === frameTypes.data && frame.payload.length > 0) this.useful++;
    return isIdle(frame) && this.isOneTooMany();
  }

  /** Counts something that was to no end. @returns whether it is one too many */
  isOneTooMany(): boolean {
    if (++this.idle <= most) return false;
    const now = this.clock.now();
    const isFlood = now - this.since < period && this.useful < most;
    this.idle = this.useful = 0;
    this.since = now;
    return isFlood;
  }
}

function isIdle({ type, flags, payload }: Http2Frame): boolean {
  switch (type) {
    case frameTypes.settings:
    case frameTypes.ping:
      return (flags & frameFlags.ack) === 0;
    case frameTypes.priority:
    case frameTypes.rst_stream:
      return true;
    case frameTypes.data:
      return payload.length === 0 && (flags & frameFlags.end_stream) === 0;
    default:
      // What is not known is passed over.
      return type > frameTypes.continuation;
  }
}
