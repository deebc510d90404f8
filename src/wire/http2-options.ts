import type { Http2Frame } from './http2-frames.js';
import type { Settings } from './http2-settings.js';

/** What a connection does by itself; each is true unless it is turned off. */
export interface Automatic {
  /** Sends the preface (client), expects it (server); RFC 9113, section 3.4. */
  readonly preface?: boolean;
  /** Sends SETTINGS at the start. */
  readonly settings?: boolean;
  /** Acknowledges SETTINGS. */
  readonly settingsAck?: boolean;
  /** Answers PING. */
  readonly pingAck?: boolean;
}

/** How a connection is to behave. */
export interface Http2ConnectionOptions {
  readonly role: 'client' | 'server';
  /**
   * Settings to announce. Unless given: no push (client), 128 concurrent streams (server), and the header
   * list size of `maximumHeaderListSize`.
   */
  readonly settings?: Settings;
  /** Bytes that the peer may send on the connection before we give room; at least 65535. Default: 1 MiB. */
  readonly connectionWindow?: number;
  /**
   * When room is given back to the peer: once a data event was pulled, once {@link Http2Connection.consumed} was told
   * so, or never. Default: `pulled`.
   */
  readonly windowUpdates?: 'pulled' | 'consumed' | 'never';
  readonly automatic?: Automatic;
  /**
   * Reports broken rules as `violation` events, leaves the frame out of account and goes on, where that
   * is possible at all. Default: false.
   */
  readonly lenient?: boolean;
  /** Bytes of data that wait in a stream from which sends say false. Default: 64 KiB. */
  readonly highWaterMark?: number;
  /** Bytes of data that may wait in a stream at all. Default: 64 MiB. */
  readonly maximumWaiting?: number;
  /** Bytes of a header list, each field counting 32 more. Default: 64 KiB. */
  readonly maximumHeaderListSize?: number;
  /** Bytes of a header block as sent. Default: 128 KiB. */
  readonly maximumHeaderBlockSize?: number;
  /** CONTINUATION frames of one header block. Default: 4096. */
  readonly maximumContinuations?: number;
  /** Bytes of answers to SETTINGS, PING and wrong frames that may wait to be taken. Default: 256 KiB. */
  readonly maximumReplies?: number;
  /** Is told of each frame received, before it is acted upon. */
  readonly onFrame?: (frame: Http2Frame) => void;
  /** Is told of each frame put out, or of some at a time, but not of raw bytes. It must copy what it keeps. */
  readonly onSent?: (frames: Buffer) => void;
}

/** The settings that a connection announces when it begins. */
export function startSettings({ role, settings, maximumHeaderListSize = 65536 }: Http2ConnectionOptions): Settings {
  const own: Settings = role === 'client' ? { enable_push: 0 } : { max_concurrent_streams: 128 };
  return { ...own, max_header_list_size: maximumHeaderListSize, ...settings };
}
