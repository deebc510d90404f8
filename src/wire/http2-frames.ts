/**
 * HTTP/2 frames, read and written without judging them (RFC 9113, section 4.1).
 *
 *     | length 24 | type 8 | flags 8 | reserved 1 | stream id 31 | payload ... |
 */
import { ByteQueue } from './byte-queue.js';
import { Http2Error } from './http2-error.js';

/** The header of a frame. */
export interface Http2FrameHeader {
  /** Bytes of payload that are claimed, 0 to 2^24 - 1. */
  readonly length: number;
  /** 0 to 255. */
  readonly type: number;
  /** 0 to 255. */
  readonly flags: number;
  /** The reserved bit above the stream id. */
  readonly reserved: boolean;
  /** 0 to 2^31 - 1. */
  readonly streamId: number;
}

/** A frame as received. */
export interface Http2Frame extends Http2FrameHeader {
  readonly payload: Buffer;
  /** All bytes of the frame, as received. */
  readonly bytes: Buffer;
}

/** A frame to be written: any numbers, and a length that need not be that of the payload. */
export interface Http2FrameParts {
  readonly type: number;
  /** Default: 0. */
  readonly flags?: number | undefined;
  /** Default: 0. */
  readonly streamId?: number | undefined;
  /** Default: false. */
  readonly reserved?: boolean | undefined;
  /** What the header claims. Default: the length of the payload. */
  readonly length?: number | undefined;
  /** Default: none. */
  readonly payload?: Uint8Array | undefined;
}

/** Bytes of a frame header. */
export const frameHeaderLength = 9;

/**
 * The nine bytes of a header.
 * @throws {TypeError} for a number that its field has no room for
 */
export function encodeHttp2FrameHeader(header: Http2FrameHeader): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeaderLength);
  writeHttp2FrameHeader(bytes, 0, header);
  return bytes;
}

/** Writes the nine bytes of a header into a buffer that has room for them; see {@link encodeHttp2FrameHeader}. */
export function writeHttp2FrameHeader(into: Buffer, at: number, header: Http2FrameHeader): void {
  const { length, type, flags, streamId } = header;
  if (!fits(length, 24) || !fits(type, 8) || !fits(flags, 8) || !fits(streamId, 31)) {
    throw new TypeError(`no frame header has length ${length}, type ${type}, flags ${flags}, stream ${streamId}`);
  }
  into[at] = length >>> 16;
  into[at + 1] = (length >>> 8) & 0xff;
  into[at + 2] = length & 0xff;
  into[at + 3] = type;
  into[at + 4] = flags;
  into.writeUInt32BE(header.reserved ? streamId + 0x80000000 : streamId, at + 5);
}

function fits(number: number, bits: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < 2 ** bits;
}

/** The header that stands at an offset; the caller sees to it that nine bytes are there. */
export function decodeHttp2FrameHeader(bytes: Buffer, at = 0): Http2FrameHeader {
  const id = bytes.readUInt32BE(at + 5);
  return {
    length: bytes.readUIntBE(at, 3),
    type: bytes.readUInt8(at + 3),
    flags: bytes.readUInt8(at + 4),
    reserved: id >= 0x80000000,
    streamId: id % 0x80000000,
  };
}

/**
 * The bytes of a frame.
 * @throws {TypeError} for a number that its field has no room for
 */
export function encodeHttp2Frame(frame: Http2FrameParts): Buffer {
  const { type, flags = 0, streamId = 0, reserved = false, payload } = frame;
  const size = payload?.length ?? 0;
  const bytes = Buffer.allocUnsafe(frameHeaderLength + size);
  writeHttp2FrameHeader(bytes, 0, { length: frame.length ?? size, type, flags, reserved, streamId });
  if (payload) bytes.set(payload, frameHeaderLength);
  return bytes;
}

/** Bounds of an {@link Http2FrameReader}. */
export interface Http2FrameReaderOptions {
  /** Bytes that a payload may have. Default: 16384, as long as nothing else was announced. */
  readonly maximumFrameSize?: number;
}

/** Frames out of bytes as they come: push bytes, pull frames. Any type, flag and stream is accepted. */
export class Http2FrameReader {
  private readonly queue = new ByteQueue();
  /** Bytes that a payload may have. */
  maximumFrameSize: number;

  constructor({ maximumFrameSize = 16384 }: Http2FrameReaderOptions = {}) {
    this.maximumFrameSize = maximumFrameSize;
  }

  /** Adds received bytes. The reader keeps views of them: they must not be written to afterwards. */
  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** Bytes of frames that were not taken yet. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * The next frame, or undefined when more bytes are needed. Its payload is a view.
   * @throws {Http2Error} for a payload longer than the bound (RFC 9113, section 4.2)
   */
  next(): Http2Frame | undefined {
    const { queue } = this;
    if (queue.length < frameHeaderLength) return undefined;
    const header = decodeHttp2FrameHeader(queue.memory, queue.start);
    if (header.length > this.maximumFrameSize) throw tooLong(header, this.maximumFrameSize);
    if (queue.length < frameHeaderLength + header.length) return undefined;
    const bytes = queue.take(frameHeaderLength + header.length);
    return { ...header, payload: bytes.subarray(frameHeaderLength), bytes };
  }
}

function tooLong(header: Http2FrameHeader, most: number): Http2Error {
  // Peers that speak HTTP/1 to an HTTP/2 port are met here: the letters tell.
  const letters = encodeHttp2FrameHeader(header).toString('latin1');
  const hint = letters.startsWith('HTTP/1') ? '; it looks like HTTP/1' : '';
  return new Http2Error('frame_size_error', `a frame of ${header.length} bytes is more than ${most}${hint}`);
}
