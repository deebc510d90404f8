import { HpackDecoder } from './hpack-decoder.js';
import { encodeGoawayFrame, encodeRstStreamFrame, encodeWindowUpdateFrame } from './http2-encode.js';
import { Http2Error } from './http2-error.js';
import type { Http2Event } from './http2-event.js';
import type { Http2ConnectionOptions } from './http2-options.js';
import { Http2Outbox } from './http2-outbox.js';
import type { Settings } from './http2-settings.js';
import { initialSettings } from './http2-settings.js';
import type { Http2Stream } from './http2-streams.js';
import { Http2Streams } from './http2-streams.js';

/** What the sending and the receiving half of a connection share. */
export class Http2State {
  readonly events: Http2Event[] = [];
  readonly streams: Http2Streams;
  readonly outbox: Http2Outbox;
  readonly decoder: HpackDecoder;
  /** What holds for the peer, as far as it acknowledged it, and what the peer announced. */
  readonly local = initialSettings();
  readonly remote = initialSettings();
  /** Settings that the peer has not acknowledged yet. */
  readonly unacknowledged: Settings[] = [];
  /** Bytes that the peer may send on the connection, and bytes to be given back. */
  receiveWindow = 65535;
  consumed = 0;
  /** Streams above it are not handled, since we said GOAWAY. */
  lastHandled = Infinity;
  private readonly highWaterMark: number;

  constructor(readonly options: Http2ConnectionOptions) {
    this.streams = new Http2Streams(options.role === 'client' ? 1 : 0);
    this.highWaterMark = options.highWaterMark ?? 65536;
    this.decoder = new HpackDecoder({ maximumListSize: options.maximumHeaderListSize ?? 65536 });
    this.outbox = new Http2Outbox({
      localEnded: (stream) => {
        stream.localEnded = true;
        this.closeIfEnded(stream);
      },
      dataWritten: (stream) => {
        if (!stream.drainDue || stream.waitingBytes >= this.highWaterMark) return;
        stream.drainDue = false;
        this.events.push({ type: 'drain', streamId: stream.id });
      },
      sent: options.onSent,
    });
  }

  /** Whether a send should say that enough waits in a stream. */
  isFull(stream: Http2Stream): boolean {
    if (this.isOverfull(stream)) stream.drainDue = true;
    return stream.drainDue;
  }

  /** Whether so much waits in a stream that its sender should. */
  isOverfull(stream: Http2Stream): boolean {
    return stream.waitingBytes >= this.highWaterMark;
  }

  /** Opens a stream of either side. */
  open(id: number): Http2Stream {
    return this.streams.add(id, this.remote.initial_window_size, this.local.initial_window_size);
  }

  /** Forgets a stream that both sides have ended. */
  closeIfEnded(stream: Http2Stream): void {
    if (stream.localEnded && stream.remoteEnded) this.streams.remove(stream.id);
  }

  /** Ends a stream by RST_STREAM, whatever its state. */
  reset(id: number, errorCode: number, reply = false): void {
    this.forget(id, true);
    this.outbox.write(encodeRstStreamFrame({ streamId: id, errorCode }), reply);
    if (reply) this.boundReplies();
  }

  /** Ends a stream without a word. */
  forget(id: number, reset = false): void {
    const stream = this.streams.get(id);
    if (stream) this.outbox.drop(stream);
    this.streams.remove(id, reset);
  }

  /** Says GOAWAY. */
  goaway(errorCode: number, lastStreamId = this.streams.highestRemote, debug?: Uint8Array): void {
    this.lastHandled = Math.min(this.lastHandled, lastStreamId);
    this.outbox.write(encodeGoawayFrame({ lastStreamId, errorCode, debug }));
  }

  /** Answers the peer. */
  reply(frame: Buffer): void {
    this.outbox.write(frame, true);
    this.boundReplies();
  }

  private boundReplies(): void {
    const most = this.options.maximumReplies ?? 256 * 1024;
    if (this.outbox.replyBytes <= most) return;
    throw new Http2Error('enhance_your_calm', `more than ${most} bytes of answers wait for a peer that does not read`);
  }

  /** Gives room back, half a window at a time, for bytes that were received on a stream or on one that is gone. */
  credit(bytes: number, stream: Http2Stream | undefined): void {
    if (this.options.windowUpdates === 'never' || bytes === 0) return;
    this.consumed += bytes;
    if (2 * this.consumed >= Math.max(65535, this.options.connectionWindow ?? 0)) {
      this.outbox.write(encodeWindowUpdateFrame({ increment: this.consumed }));
      this.receiveWindow += this.consumed;
      this.consumed = 0;
    }
    if (stream !== undefined && this.streams.get(stream.id) === stream) this.creditStream(stream, bytes);
  }

  /** Gives room back on a stream. To be called with 0 bytes when the windows shrank: then less has to be owed. */
  creditStream(stream: Http2Stream, bytes: number): void {
    stream.consumed += bytes;
    if (stream.remoteEnded || stream.consumed === 0) return;
    if (2 * stream.consumed < this.local.initial_window_size) return;
    this.outbox.write(encodeWindowUpdateFrame({ streamId: stream.id, increment: stream.consumed }));
    stream.receiveWindow += stream.consumed;
    stream.consumed = 0;
  }
}
