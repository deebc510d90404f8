/** What comes in over HTTP/2 besides the answers to requests: frames that say something, and answers to raw frames. */
import type { ProtocolError } from '../errors.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { frameFlags, frameTypes } from '../wire/http2-registry.js';
import type { ReceivedResponse } from './response.js';

/** Something that came in. */
export type Http2Arrival =
  /** RST_STREAM, GOAWAY, PUSH_PROMISE, the answers to PING and SETTINGS of one's own, and types that HTTP/2 does not define. */
  | { readonly type: 'frame'; readonly frame: Http2Frame }
  /** The response on a stream that raw frames opened, or that the server did. */
  | { readonly type: 'response'; readonly streamId: number; readonly response: ReceivedResponse }
  /** What is wrong with such a response. */
  | { readonly type: 'violation'; readonly streamId: number; readonly error: ProtocolError };

/** Arrivals in order; of a flood the beginning. */
export interface Http2Arrived {
  readonly list: readonly Http2Arrival[];
  /** How many came that there was no room for. */
  readonly omitted: number;
}

/** Arrivals that are kept until they are taken. */
const mostKept = 1000;

/** Keeps arrivals until somebody takes them, within bounds. */
export class Http2Arrivals {
  private list: Http2Arrival[] = [];
  private omitted = 0;

  add(arrival: Http2Arrival): void {
    if (this.list.length < mostKept) this.list.push(arrival);
    else this.omitted++;
  }

  /** Adds a copy of a frame: it is a view of all that came with it. */
  addFrame(frame: Http2Frame): void {
    if (this.list.length >= mostKept) {
      this.omitted++;
      return;
    }
    const bytes = Buffer.from(frame.bytes);
    const payload = bytes.subarray(bytes.length - frame.payload.length);
    this.list.push({ type: 'frame', frame: { ...frame, bytes, payload } });
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  take(): Http2Arrived {
    const { list, omitted } = this;
    this.list = [];
    this.omitted = 0;
    return { list, omitted };
  }
}

const alwaysTold: ReadonlySet<number> = new Set([frameTypes.rst_stream, frameTypes.goaway, frameTypes.push_promise]);
const neverTold: ReadonlySet<number> = new Set([
  frameTypes.data,
  frameTypes.headers,
  frameTypes.continuation,
  frameTypes.priority,
  frameTypes.window_update,
]);

/** Whether a frame answers a PING. */
export function isPingAnswer({ type, flags }: Http2Frame): boolean {
  return type === frameTypes.ping && (flags & frameFlags.ack) !== 0;
}

/** Whether a frame acknowledges SETTINGS. */
export function isSettingsAnswer({ type, flags }: Http2Frame): boolean {
  return type === frameTypes.settings && (flags & frameFlags.ack) !== 0;
}

/** Whether a frame is told of by itself; answers to SETTINGS are, unless they answer those of the connection. */
export function isTold(frame: Http2Frame): boolean {
  if (alwaysTold.has(frame.type) || isPingAnswer(frame) || isSettingsAnswer(frame)) return true;
  return !neverTold.has(frame.type) && frame.type !== frameTypes.ping && frame.type !== frameTypes.settings;
}
