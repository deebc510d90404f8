import type { HeaderField } from './header-field.js';
import type { Http2Error } from './http2-error.js';
import type { Http2Frame } from './http2-frames.js';
import type { SettingPairs } from './http2-payload.js';

/** What an {@link Http2Connection} has seen. Buffers are views of what was received. */
export type Http2Event =
  /** A request, or a response; one that is informational (1xx) is followed by another. */
  | {
      readonly type: 'headers';
      readonly streamId: number;
      readonly headers: readonly HeaderField[];
      readonly endStream: boolean;
      readonly informational: boolean;
    }
  | { readonly type: 'data'; readonly streamId: number; readonly data: Buffer; readonly endStream: boolean }
  | { readonly type: 'trailers'; readonly streamId: number; readonly headers: readonly HeaderField[] }
  /** The peer has sent all of the stream; behind the event that carried END_STREAM. */
  | { readonly type: 'end'; readonly streamId: number }
  /**
   * The stream is over. By `peer`: it sent RST_STREAM. By `goaway`: it will not handle the stream. By `us`: it broke
   * the rules, told in `message`, and was sent RST_STREAM.
   */
  | {
      readonly type: 'reset';
      readonly streamId: number;
      readonly errorCode: number;
      readonly by: 'peer' | 'goaway' | 'us';
      readonly message?: string;
    }
  | { readonly type: 'goaway'; readonly lastStreamId: number; readonly errorCode: number; readonly debug: Buffer }
  | { readonly type: 'settings'; readonly settings: SettingPairs }
  | { readonly type: 'settings_ack' }
  | { readonly type: 'ping'; readonly ack: boolean; readonly opaque: Buffer }
  | {
      readonly type: 'push';
      readonly streamId: number;
      readonly promisedStreamId: number;
      readonly headers: readonly HeaderField[];
    }
  /** A frame of a type that RFC 9113 does not define. */
  | { readonly type: 'unknown'; readonly frame: Http2Frame }
  /** Less than the high-water mark waits on the stream again, after a send said that more did. */
  | { readonly type: 'drain'; readonly streamId: number }
  /** Only when lenient: a rule was broken, and the frame was left out of account. */
  | { readonly type: 'violation'; readonly error: Http2Error; readonly frame: Http2Frame }
  /** The peer has ended its side: streams that it has not ended, and whether a frame was cut short. */
  | { readonly type: 'close'; readonly openStreams: readonly number[]; readonly midFrame: boolean };
