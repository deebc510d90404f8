import type { BlockPart, FieldCoding } from './hpack-encoder.js';
import { encodePingFrame, encodeSettingsFrame, encodeWindowUpdateFrame } from './http2-encode.js';
import { Http2Error } from './http2-error.js';
import type { Http2Event } from './http2-event.js';
import type { Http2Frame } from './http2-frames.js';
import { Http2FrameReader } from './http2-frames.js';
import type { Http2ConnectionOptions } from './http2-options.js';
import { startSettings } from './http2-options.js';
import type { SendHeadersOptions } from './http2-outbox.js';
import { Http2Receiver } from './http2-receiver.js';
import { accountRaw } from './http2-raw-account.js';
import { connectionPreface, http2ErrorCodes } from './http2-registry.js';
import { sendSettings } from './http2-settings-exchange.js';
import type { EffectiveSettings, Settings } from './http2-settings.js';
import { Http2State } from './http2-state.js';

/** How data is sent. */
export interface SendDataOptions {
  readonly endStream?: boolean;
  /** Bytes of padding in each frame, 0 to 255; in a narrow window fewer. */
  readonly padding?: number;
}

/**
 * One side of an HTTP/2 connection (RFC 9113), without a socket: push what was received, pull events, send, and
 * write what {@link takeOutput} gives.
 *
 *     receive(chunk) ->  frames -> streams  -> next(): event
 *     takeOutput()   <-  windows <- streams <- send...()
 *
 * Bytes are parsed as events are pulled, and DATA is framed as output is taken, so that neither a
 * fast peer nor a slow one makes memory grow beyond the bounds of the options.
 */
export class Http2Connection {
  private readonly state: Http2State;
  private readonly receiver: Http2Receiver;
  private readonly reader: Http2FrameReader;
  private readonly lenient: boolean;
  /** Bytes of the preface that were seen. */
  private prefaceAt: number;
  private failure: Http2Error | undefined;
  /** The peer has ended its side and no event told so yet. */
  private closeDue = false;

  constructor(options: Http2ConnectionOptions) {
    const { role, automatic = {}, lenient = false, connectionWindow = 1024 * 1024 } = options;
    this.state = new Http2State(options);
    this.receiver = new Http2Receiver(this.state);
    this.lenient = lenient;
    this.reader = new Http2FrameReader();
    this.prefaceAt = role === 'client' || automatic.preface === false ? connectionPreface.length : 0;
    if (role === 'client' && automatic.preface !== false) this.sendRaw(connectionPreface);
    if (automatic.settings !== false) this.sendSettings(startSettings(options));
    const more = connectionWindow - this.state.receiveWindow;
    if (more > 0 && options.windowUpdates !== 'never') this.sendWindowUpdate(0, more);
  }

  /** What the peer announced, and the values that hold until it does. */
  get peerSettings(): Readonly<EffectiveSettings> {
    return this.state.remote;
  }

  /** Streams that neither side has closed altogether. */
  get openStreams(): number[] {
    return Array.from(this.state.streams.all, ({ id }) => id);
  }

  /** Whether a stream is open: either side may still speak of it. */
  isOpen(streamId: number): boolean {
    return this.state.streams.get(streamId) !== undefined;
  }

  /** The id that the next stream of ours will have. */
  get nextStreamId(): number {
    return this.state.streams.nextLocal;
  }

  /** Whether the peer takes one more stream of ours now. */
  get canOpen(): boolean {
    return this.state.streams.openedByUs < this.state.remote.max_concurrent_streams;
  }

  /** Whether it is worth calling {@link takeOutput}: it may give bytes. */
  get hasOutput(): boolean {
    return this.state.outbox.hasOutput;
  }

  /** Bytes that wait for nothing but {@link takeOutput}. */
  get outputBytes(): number {
    return this.state.outbox.length;
  }

  /** Bytes received that were not made events of yet: parts of a frame, once {@link next} has nothing more. */
  get waiting(): number {
    return this.reader.waiting;
  }

  /** Adds received bytes. Views of them are kept: they must not be written to afterwards. */
  receive(chunk: Buffer): void {
    if (this.failure) return;
    const due = connectionPreface.length - this.prefaceAt;
    if (due > 0) this.receivePreface(chunk.subarray(0, due));
    if (chunk.length > due) this.reader.receive(chunk.subarray(due));
  }

  /** The peer has ended its side: behind all other events, {@link next} gives `close`. */
  finish(): void {
    this.closeDue = true;
  }

  /**
   * The next event, or undefined when more bytes are needed. Afterwards there may be output to take.
   * @throws {Http2Error} for an error of the connection, again at each call; GOAWAY is then in the output
   */
  next(): Http2Event | undefined {
    const { events } = this.state;
    for (;;) {
      const event = events.shift();
      if (event) return this.delivered(event);
      if (this.failure) throw this.failure;
      const frame = this.nextFrame();
      if (frame === undefined) return this.closed();
      this.handle(frame);
    }
  }

  /** Tells that bytes of data events were dealt with, when the window updates are to wait for that. */
  consumed(streamId: number, bytes: number): void {
    this.state.credit(bytes, this.state.streams.get(streamId));
  }

  /** Opens the next stream of ours and gives its id; {@link canOpen} tells whether the peer will have it. */
  openStream(): number {
    return this.state.open(this.nextStreamId).id;
  }

  /**
   * Sends a header list on a stream, behind what waits there. A stream that is idle is opened by it, whosever
   * id it has. To send trailers, send headers behind data.
   * @returns false, and sends nothing, when the stream is closed
   */
  sendHeaders(streamId: number, fields: Iterable<BlockPart>, options: SendHeadersOptions = {}): boolean {
    const { streams, outbox } = this.state;
    const stream = streams.get(streamId) ?? (streams.isIdle(streamId) ? this.state.open(streamId) : undefined);
    if (stream === undefined || stream.localEnded) return false;
    outbox.enqueue(stream, { kind: 'headers', fields, options });
    return true;
  }

  /**
   * Sends data on a stream, behind what waits there, as the windows allow. The buffer must not be written
   * to before it was taken.
   * @returns false when the stream is closed, or holds so much that a `drain` event will tell when to go on
   * @throws {TypeError} when more waits than the options allow
   */
  sendData(streamId: number, data: Uint8Array, options: SendDataOptions = {}): boolean {
    const stream = this.state.streams.get(streamId);
    if (stream === undefined || stream.localEnded) return false;
    const { maximumWaiting = 64 * 1024 * 1024 } = this.state.options;
    if (stream.waitingBytes > 0 && stream.waitingBytes + data.length > maximumWaiting) {
      throw new TypeError(`more than ${maximumWaiting} bytes wait on stream ${streamId}`);
    }
    const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const { endStream = false, padding } = options;
    this.state.outbox.enqueue(stream, { kind: 'data', data: view, endStream, padding });
    return !this.state.isFull(stream);
  }

  /**
   * Sends all of a message, END_STREAM included, when it is small, the windows have room and nothing waits before it.
   * @param block a header block made without the dynamic table
   * @returns false when it has to be sent in parts, or cannot be sent: nothing was done
   */
  sendWhole(streamId: number, block: Buffer, data: Buffer): boolean {
    const stream = this.state.streams.get(streamId);
    return stream !== undefined && !stream.localEnded && this.state.outbox.sendWhole(stream, block, data);
  }

  /** Whether nothing waits on a stream: all was put out, or the stream is closed. */
  isSent(streamId: number): boolean {
    return (this.state.streams.get(streamId)?.waiting.length ?? 0) === 0;
  }

  /** Bytes of data that wait on a stream for room. */
  waitingBytes(streamId: number): number {
    return this.state.streams.get(streamId)?.waitingBytes ?? 0;
  }

  /** Whether a send on a stream would not be told to wait; on a closed one it would be told so at once. */
  takesData(streamId: number): boolean {
    const stream = this.state.streams.get(streamId);
    return stream === undefined || !this.state.isOverfull(stream);
  }

  /** Sends PUSH_PROMISE on a stream of the peer's and gives the id of the stream that it promises. */
  sendPush(streamId: number, fields: Iterable<BlockPart>, options: SendHeadersOptions = {}): number {
    const promised = this.state.open(this.nextStreamId);
    promised.remoteEnded = true;
    this.sendHeaders(streamId, fields, { ...options, promisedStreamId: promised.id });
    return promised.id;
  }

  /** Sends RST_STREAM, at once, and drops what waits on the stream. */
  sendReset(streamId: number, errorCode: number = http2ErrorCodes.cancel): void {
    this.state.reset(streamId, errorCode);
  }

  /** Sends GOAWAY. Unless it says otherwise, all streams seen so far are still handled, and none after. */
  sendGoaway(errorCode: number = http2ErrorCodes.no_error, lastStreamId?: number, debug?: Uint8Array): void {
    this.state.goaway(errorCode, lastStreamId, debug);
  }

  /** Sends SETTINGS, which hold for the peer once it acknowledges them. */
  sendSettings(settings: Settings): void {
    sendSettings(this.state, settings);
    this.reader.maximumFrameSize = this.state.local.max_frame_size;
  }

  /** Acknowledges SETTINGS, for connections that do not by themselves. */
  sendSettingsAck(): void {
    this.state.outbox.write(encodeSettingsFrame({ ack: true }));
  }

  /** Sends PING with eight bytes of one's own. */
  sendPing(opaque: Uint8Array = Buffer.alloc(8), ack = false): void {
    this.state.outbox.write(encodePingFrame({ opaque, ack }));
  }

  /** Gives the peer room, on a stream or, with id 0, on the connection. */
  sendWindowUpdate(streamId: number, increment: number): void {
    const stream = this.state.streams.get(streamId);
    if (streamId === 0) this.state.receiveWindow += increment;
    else if (stream) stream.receiveWindow += increment;
    this.state.outbox.write(encodeWindowUpdateFrame({ streamId, increment }));
  }

  /**
   * Sends any bytes: at once or, with a stream, behind what waits there. Nothing keeps account of what
   * they mean: not windows, not stream states, and not header tables, but see {@link encodeFields}.
   */
  sendRaw(bytes: Uint8Array, streamId?: number): void {
    const stream = streamId === undefined ? undefined : this.state.streams.get(streamId);
    if (stream) this.state.outbox.enqueue(stream, { kind: 'raw', bytes });
    else this.state.outbox.writeRaw(bytes);
  }

  /** A header block in step with the connection's tables, for frames that are sent raw: right away, and in order. */
  encodeFields(fields: Iterable<BlockPart>, coding?: FieldCoding): Buffer {
    return this.state.outbox.encoder.encode(fields, coding);
  }

  /** Tells that raw frames have ended our side of a stream. */
  endedRaw(streamId: number): void {
    const stream = this.state.streams.get(streamId);
    if (stream === undefined) return;
    stream.localEnded = true;
    this.state.closeIfEnded(stream);
  }

  /**
   * Takes account of raw frames that were sent, of the last one at least the header: windows, settings, and
   * which streams they end, so that the peer's answers to them are understood.
   */
  accountRaw(frames: Buffer): void {
    accountRaw(this.state, frames);
    this.reader.maximumFrameSize = this.state.local.max_frame_size;
  }

  /**
   * Takes what is to be written now: all that waits for nothing, and DATA in turns of the streams until there
   * are about `maximum` bytes (default: 64 KiB). An empty buffer: nothing for now.
   */
  takeOutput(maximum = 65536): Buffer {
    return this.state.outbox.take(maximum);
  }

  private receivePreface(part: Buffer): void {
    const expected = connectionPreface.subarray(this.prefaceAt, this.prefaceAt + part.length);
    this.prefaceAt += part.length;
    if (!part.equals(expected)) {
      this.fail(new Http2Error('protocol_error', 'the connection does not begin with the preface of HTTP/2'));
    }
  }

  private nextFrame(): Http2Frame | undefined {
    try {
      return this.reader.next();
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      return this.fail(error);
    }
  }

  private handle(frame: Http2Frame): void {
    this.state.options.onFrame?.(frame);
    try {
      this.receiver.handle(frame);
      this.reader.maximumFrameSize = this.state.local.max_frame_size;
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.broken(error, frame);
    }
  }

  /** An error of a stream ends the stream, one of the connection all of it (RFC 9113, section 5.4). */
  private broken(error: Http2Error, frame: Http2Frame): void {
    const { state } = this;
    if (this.lenient) {
      state.events.push({ type: 'violation', error, frame });
      return;
    }
    if (error.streamId === 0) {
      this.fail(error);
      return;
    }
    const { streamId, errorCode, message } = error;
    try {
      state.reset(streamId, errorCode, true);
      state.events.push({ type: 'reset', streamId, errorCode, by: 'us', message });
    } catch (flood) {
      if (!(flood instanceof Http2Error)) throw flood;
      this.fail(flood);
    }
  }

  private fail(error: Http2Error): undefined {
    this.failure = error;
    this.state.goaway(error.errorCode, undefined, Buffer.from(error.message, 'latin1'));
  }

  private delivered(event: Http2Event): Http2Event {
    if (event.type === 'data' && (this.state.options.windowUpdates ?? 'pulled') === 'pulled') {
      this.consumed(event.streamId, event.data.length);
    }
    return event;
  }

  private closed(): Http2Event | undefined {
    if (this.failure) throw this.failure;
    if (!this.closeDue) return undefined;
    this.closeDue = false;
    const openStreams = Array.from(this.state.streams.all)
      .filter(({ remoteEnded }) => !remoteEnded)
      .map(({ id }) => id);
    return { type: 'close', openStreams, midFrame: this.reader.waiting > 0 };
  }
}
