/** Sees every frame of a connection, when bytes or descriptions of them go into the log. */
import { describeHttp2Frame } from '../wire/describe-http2-frame.js';
import { decodeHttp2FrameHeader, frameHeaderLength } from '../wire/http2-frames.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { Http2FrameEntry } from './http2-frame-entry.js';
import type { Service } from './service.js';
import { longestDump } from './text-log.js';

/** Streams whose bytes are kept at a time; there are no more open ones. */
const mostStreams = 256;

/** The first bytes of each stream. */
class StreamBytes {
  private readonly streams = new Map<number, { chunks: Buffer[]; length: number }>();

  add(streamId: number, bytes: Buffer): void {
    const kept = this.streams.get(streamId) ?? { chunks: [], length: 0 };
    this.streams.set(streamId, kept);
    const part = bytes.subarray(0, longestDump - kept.length);
    kept.length += part.length;
    if (part.length > 0) kept.chunks.push(Buffer.from(part));
    if (this.streams.size <= mostStreams) return;
    for (const oldest of this.streams.keys()) {
      this.streams.delete(oldest);
      return;
    }
  }

  take(streamId: number): Buffer {
    const bytes = Buffer.concat(this.streams.get(streamId)?.chunks ?? []);
    this.streams.delete(streamId);
    return bytes;
  }
}

export class Http2FramesKept {
  private readonly received: StreamBytes | undefined;
  private readonly sent: StreamBytes | undefined;

  constructor(private readonly service: Service) {
    this.received = service.keepsRequests ? new StreamBytes() : undefined;
    this.sent = service.keepsResponses ? new StreamBytes() : undefined;
  }

  /** Whether there is anything to see frames for. */
  static areWanted({ keepsRequests, keepsResponses, dumpsHttp2Frames }: Service): boolean {
    return keepsRequests || keepsResponses || dumpsHttp2Frames;
  }

  readonly onFrame = (frame: Http2Frame): void => {
    if (frame.streamId !== 0) this.received?.add(frame.streamId, frame.bytes);
    this.tell('received', frame);
  };

  /** Takes frames that the connection made. */
  readonly onSent = (frames: Buffer): void => {
    const { streamId } = decodeHttp2FrameHeader(frames);
    if (streamId !== 0) this.sent?.add(streamId, frames);
    this.tellAll(frames);
  };

  /** Takes raw frames that answer a stream, whichever they name. */
  onRaw(streamId: number, frames: Buffer): void {
    this.sent?.add(streamId, frames);
    this.tellAll(frames);
  }

  /** All bytes that were received on a stream, as far as they are kept; they are forgotten. */
  takeReceived(streamId: number): Buffer | undefined {
    return this.received?.take(streamId);
  }

  /** All bytes that were sent on a stream, as far as they are kept; they are forgotten. */
  takeSent(streamId: number): Buffer | undefined {
    return this.sent?.take(streamId);
  }

  private tellAll(frames: Buffer): void {
    if (!this.service.dumpsHttp2Frames) return;
    let at = 0;
    while (at + frameHeaderLength <= frames.length) {
      const header = decodeHttp2FrameHeader(frames, at);
      const bytes = frames.subarray(at, at + frameHeaderLength + header.length);
      this.tell('sent', { ...header, payload: bytes.subarray(frameHeaderLength), bytes });
      at += frameHeaderLength + header.length;
    }
  }

  private tell(direction: 'received' | 'sent', frame: Http2Frame): void {
    if (!this.service.dumpsHttp2Frames) return;
    this.service.log(new Http2FrameEntry(this.service.clock.now(), direction, describeHttp2Frame(frame)));
  }
}
