/** What the peer owes for raw frames that were sent: how long it is worth waiting is read from here. */
import { decodeHttp2FrameHeader, frameHeaderLength } from '../wire/http2-frames.js';
import type { Http2Frame, Http2FrameHeader } from '../wire/http2-frames.js';
import { frameFlags, frameTypes } from '../wire/http2-registry.js';
import { isPingAnswer, isSettingsAnswer } from './http2-arrivals.js';

/** A stream that raw frames opened. */
interface RawStream {
  blockEnded: boolean;
  ended: boolean;
}

const carriesBlock: ReadonlySet<number> = new Set([
  frameTypes.headers,
  frameTypes.push_promise,
  frameTypes.continuation,
]);

/** Keeps account of raw frames, and of what answers them. */
export class Http2Owed {
  private readonly opened = new Map<number, RawStream>();
  /** Streams that we have ended, and the peer has not. */
  private readonly responses = new Set<number>();
  private pings = 0;
  private settings = 0;
  private answered = false;
  private sentAny = false;
  private isBlockOpen = false;

  /** Whether raw frames were sent since the last {@link forget}. */
  get isWaitedFor(): boolean {
    return this.sentAny;
  }

  /** Whether a header block was begun and not ended: any frame but CONTINUATION breaks it (RFC 9113, section 4.3). */
  get blockIsOpen(): boolean {
    return this.isBlockOpen;
  }

  /** Whether a response is owed. */
  get response(): boolean {
    return this.responses.size > 0;
  }

  /** Whether anything is owed. */
  get any(): boolean {
    return this.response || this.pings > 0 || this.settings > 0;
  }

  /** Whether the peer has answered, and owes nothing more. */
  get isSettled(): boolean {
    return this.answered && !this.any;
  }

  /**
   * Takes account of a message of raw frames that was sent.
   * @param bytes as sent; of the last frame only the beginning need be there
   * @returns the streams that it opened
   */
  sent(bytes: Buffer): readonly number[] {
    this.sentAny = true;
    const opened: number[] = [];
    for (let at = 0; at + frameHeaderLength <= bytes.length;) {
      const header = decodeHttp2FrameHeader(bytes, at);
      if (this.sentFrame(header)) opened.push(header.streamId);
      at += frameHeaderLength + header.length;
    }
    return opened;
  }

  /**
   * Takes account of a frame that was received.
   * @returns whether it is an acknowledgement that was owed
   */
  received(frame: Http2Frame): boolean {
    if (isPingAnswer(frame) && this.pings > 0) this.pings--;
    else if (isSettingsAnswer(frame) && this.settings > 0) this.settings--;
    else if (frame.type === frameTypes.rst_stream) this.closed(frame.streamId);
    else if (frame.type !== frameTypes.goaway) return false;
    this.answered = true;
    return frame.type === frameTypes.ping || frame.type === frameTypes.settings;
  }

  /** The peer has ended a stream, by its answer or otherwise. */
  closed(streamId: number): void {
    this.responses.delete(streamId);
    if (this.opened.delete(streamId)) this.answered = true;
  }

  /** The server has answered something that was sent behind all that. */
  reached(): void {
    this.answered = true;
  }

  /** What was owed is not waited for any longer. */
  forget(): void {
    this.opened.clear();
    this.responses.clear();
    this.pings = 0;
    this.settings = 0;
    this.answered = false;
    this.sentAny = false;
  }

  /** @returns whether it opened a stream */
  private sentFrame({ type, flags, streamId, length }: Http2FrameHeader): boolean {
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const stream = this.opened.get(streamId);
    if (carriesBlock.has(type)) this.isBlockOpen = !has(frameFlags.end_headers);
    switch (type) {
      case frameTypes.ping:
        if (!has(frameFlags.ack) && streamId === 0 && length === 8) this.pings++;
        return false;
      case frameTypes.settings:
        if (!has(frameFlags.ack) && streamId === 0 && length % 6 === 0) this.settings++;
        return false;
      case frameTypes.headers:
        if (streamId % 2 === 0) return false;
        this.ends(streamId, {
          blockEnded: has(frameFlags.end_headers),
          ended: has(frameFlags.end_stream) || stream?.ended === true,
        });
        return stream === undefined;
      case frameTypes.continuation:
        if (stream && has(frameFlags.end_headers)) this.ends(streamId, { ...stream, blockEnded: true });
        return false;
      case frameTypes.data:
        if (stream && has(frameFlags.end_stream)) this.ends(streamId, { ...stream, ended: true });
        return false;
      case frameTypes.rst_stream:
        this.opened.delete(streamId);
        this.responses.delete(streamId);
        return false;
      default:
        return false;
    }
  }

  private ends(streamId: number, stream: RawStream): void {
    this.opened.set(streamId, stream);
    if (stream.blockEnded && stream.ended) this.responses.add(streamId);
  }
}
