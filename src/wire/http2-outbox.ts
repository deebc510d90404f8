/**
 * What goes out: frames at once, and behind them what waits in the streams, in turns, as far as the
 * peer's windows allow (RFC 9113, section 5.2).
 */
import type { BlockPart, FieldCoding } from './hpack-encoder.js';
import { HpackEncoder } from './hpack-encoder.js';
import { GatheredBytes } from './gathered-bytes.js';
import { encodeHeaderBlock } from './http2-encode.js';
import type { HeaderBlockParts } from './http2-encode.js';
import { frameHeaderLength, writeHttp2FrameHeader } from './http2-frames.js';
import { frameFlags, frameTypes } from './http2-registry.js';
import type { Http2Stream } from './http2-streams.js';

/** How a header list is sent. */
export interface SendHeadersOptions extends Omit<HeaderBlockParts, 'streamId' | 'block'> {
  readonly coding?: FieldCoding;
}

/** What waits in a stream. */
export type Outgoing =
  | { readonly kind: 'data'; data: Buffer; readonly endStream: boolean; readonly padding: number | undefined }
  | { readonly kind: 'headers'; readonly fields: Iterable<BlockPart>; readonly options: SendHeadersOptions }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array };

/** Told by the outbox while it writes. */
export interface OutboxListener {
  /** END_STREAM was written. */
  localEnded(stream: Http2Stream): void;
  /** Data of the stream was written. */
  dataWritten(stream: Http2Stream): void;
  /** Frames were written that were made here, not raw ones; only told when somebody wants to know. */
  readonly sent: ((frames: Buffer) => void) | undefined;
}

/** A fragment of a header block beside which a frame has room for all else that may stand in it. */
const surelyOneFrame = 16384 - 265;
/** Bytes that may wait for a whole message to be put behind them at once. */
const patience = 65536;

export class Http2Outbox {
  readonly encoder = new HpackEncoder();
  /** Bytes of DATA that we may send on the connection. */
  window = 65535;
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  maximumFrameSize = 16384;
  private readonly gathered = new GatheredBytes();
  private replies = 0;
  /** Streams that may have something to send, and those that only wait for the connection's window. */
  private readonly ready = new Set<Http2Stream>();
  private readonly stalled = new Set<Http2Stream>();

  constructor(private readonly listener: OutboxListener) {}

  /** Bytes of answers that the peer called forth and that were not taken yet. */
  get replyBytes(): number {
    return this.replies;
  }

  /** Bytes that wait for nothing but to be taken. */
  get length(): number {
    return this.gathered.length;
  }

  /** Whether {@link take} may give bytes. */
  get hasOutput(): boolean {
    return this.length > 0 || this.ready.size > 0 || (this.stalled.size > 0 && this.window > 0);
  }

  /** Puts a frame, or some, out before all that waits in streams. */
  write(frames: Buffer, reply = false): void {
    this.gathered.write(frames);
    if (reply) this.replies += frames.length;
    this.listener.sent?.(frames);
  }

  /** Puts bytes out before all that waits in streams, whatever they are. */
  writeRaw(bytes: Uint8Array): void {
    this.gathered.write(bytes);
  }

  /**
   * Sends a message that ends its stream, when all of it may go at once.
   * @param block made without the dynamic table
   * @returns whether it was sent
   */
  sendWhole(stream: Http2Stream, block: Buffer, data: Buffer): boolean {
    const room = Math.min(stream.sendWindow, this.window, 16384, this.maximumFrameSize);
    if (stream.waiting.length > 0 || this.length > patience || this.encoder.updateIsDue) return false;
    if (block.length > surelyOneFrame || (data.length > 0 && data.length > room)) return false;
    const { end_headers: endHeaders, end_stream: endStream } = frameFlags;
    const total = frameHeaderLength + block.length + (data.length > 0 ? frameHeaderLength + data.length : 0);
    const at = this.gathered.reserve(total);
    const { memory } = this.gathered;
    const flags = data.length > 0 ? endHeaders : endHeaders | endStream;
    this.putFrame(memory, at, frameTypes.headers, flags, stream.id, block);
    if (data.length > 0) {
      this.putFrame(memory, at + frameHeaderLength + block.length, frameTypes.data, endStream, stream.id, data);
      stream.sendWindow -= data.length;
      this.window -= data.length;
    }
    this.listener.sent?.(memory.subarray(at, at + total));
    this.listener.localEnded(stream);
    return true;
  }

  private putFrame(into: Buffer, at: number, type: number, flags: number, streamId: number, payload: Buffer): void {
    writeHttp2FrameHeader(into, at, { length: payload.length, type, flags, reserved: false, streamId });
    into.set(payload, at + frameHeaderLength);
  }

  /** Puts something behind all that waits in its stream. */
  enqueue(stream: Http2Stream, item: Outgoing): void {
    stream.waiting.push(item);
    if (item.kind === 'data') stream.waitingBytes += item.data.length;
    // What needs no window goes at once, so that header blocks leave in the order of the calls.
    if (stream.waiting.length === 1 && item.kind !== 'data') this.sendOne(stream, item);
    else if (!this.stalled.has(stream)) this.ready.add(stream);
  }

  /** Has another look at a stream whose window grew. */
  windowGrew(stream: Http2Stream): void {
    if (stream.waiting.length > 0 && !this.stalled.has(stream)) this.ready.add(stream);
  }

  /** Forgets what waits in a stream. */
  drop(stream: Http2Stream): void {
    stream.waiting.length = 0;
    stream.waitingBytes = 0;
    this.ready.delete(stream);
    this.stalled.delete(stream);
  }

  /**
   * Takes out what can be sent now: all frames that wait for nothing, and DATA until about `maximum` bytes.
   * An empty buffer: nothing can be sent before something is received or put in.
   */
  take(maximum: number): Buffer {
    while (this.length < maximum) {
      const stream = this.pick();
      if (stream === undefined) break;
      this.serve(stream);
    }
    this.replies = 0;
    return this.gathered.take();
  }

  private pick(): Http2Stream | undefined {
    for (const stream of this.ready) return stream;
    if (this.window > 0) for (const stream of this.stalled) return stream;
    return undefined;
  }

  /** Sends one item or one frame of data, and puts the stream behind the others. */
  private serve(stream: Http2Stream): void {
    this.ready.delete(stream);
    this.stalled.delete(stream);
    const [item] = stream.waiting;
    if (item === undefined) return;
    if (item.kind !== 'data') this.sendOne(stream, item);
    else if (!this.sendData(stream, item)) return;
    if (stream.waiting.length > 0) this.ready.add(stream);
  }

  private sendOne(stream: Http2Stream, item: Exclude<Outgoing, { kind: 'data' }>): void {
    stream.waiting.shift();
    if (item.kind === 'raw') {
      this.writeRaw(item.bytes);
      return;
    }
    const { coding, ...parts } = item.options;
    const block = this.encoder.encode(item.fields, coding);
    this.write(encodeHeaderBlock({ ...parts, streamId: stream.id, block }));
    if (parts.endStream === true && parts.promisedStreamId === undefined) this.listener.localEnded(stream);
  }

  /** Whether something could be sent; if not, the stream waits where its window will find it. */
  private sendData(stream: Http2Stream, item: Extract<Outgoing, { kind: 'data' }>): boolean {
    const windowless = item.data.length === 0 && item.padding === undefined;
    // Small frames keep many streams moving: 16 KiB, whatever the peer would take.
    const room = Math.min(stream.sendWindow, this.window, 16384, this.maximumFrameSize);
    if (room <= 0 && !windowless) {
      if (stream.sendWindow > 0) this.stalled.add(stream);
      return false;
    }
    // In a narrow window the padding gives way.
    const padding = item.padding === undefined || room < 2 ? undefined : Math.min(item.padding, room - 2);
    const part = item.data.subarray(0, windowless ? 0 : room - (padding === undefined ? 0 : padding + 1));
    item.data = item.data.subarray(part.length);
    const last = item.data.length === 0;
    if (last) stream.waiting.shift();
    this.writeData(stream, part, last && item.endStream, padding);
    stream.waitingBytes -= part.length;
    this.listener.dataWritten(stream);
    if (last && item.endStream) this.listener.localEnded(stream);
    return true;
  }

  private writeData(stream: Http2Stream, data: Buffer, endStream: boolean, padding: number | undefined): void {
    const length = data.length + (padding === undefined ? 0 : padding + 1);
    const header = Buffer.alloc(frameHeaderLength + (padding === undefined ? 0 : 1));
    const flags = (endStream ? frameFlags.end_stream : 0) | (padding === undefined ? 0 : frameFlags.padded);
    writeHttp2FrameHeader(header, 0, { length, type: frameTypes.data, flags, reserved: false, streamId: stream.id });
    if (padding !== undefined) header[frameHeaderLength] = padding;
    const parts = padding === undefined ? [header, data] : [header, data, Buffer.alloc(padding)];
    for (const part of parts) this.gathered.write(part);
    if (this.listener.sent) this.listener.sent(Buffer.concat(parts));
    stream.sendWindow -= length;
    this.window -= length;
  }
}
