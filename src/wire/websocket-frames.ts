/** WebSocket frames, read and written without judging them (RFC 6455, section 5.2). */
import { ProtocolError } from '../errors.js';
import { ByteQueue } from './byte-queue.js';

/** The opcodes that RFC 6455 assigns. */
export const opcodeNames: ReadonlyMap<number, string> = new Map([
  [0, 'continue'],
  [1, 'text'],
  [2, 'binary'],
  [8, 'close'],
  [9, 'ping'],
  [10, 'pong'],
]);

/** The header of a frame. */
export interface FrameHeader {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly rsv2: boolean;
  readonly rsv3: boolean;
  /** 0 to 15. */
  readonly opcode: number;
  /** The mask bit. A key may be missing all the same when we write it. */
  readonly masked: boolean;
  /** The length that is claimed, up to 2^64 - 1. */
  readonly length: number | bigint;
}

/** A frame as received. */
export interface ReceivedFrame extends FrameHeader {
  readonly length: number;
  /** The masking key, when the mask bit is set. */
  readonly key: Buffer | undefined;
  /** The payload, unmasked. */
  readonly payload: Buffer;
  /** All bytes of the frame, as received. */
  readonly bytes: Buffer;
}

/** The bytes of a header, without a key: two, four or ten. */
export function encodeFrameHeader({ fin, rsv1, rsv2, rsv3, opcode, masked, length }: FrameHeader): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | (rsv2 ? 0x20 : 0) | (rsv3 ? 0x10 : 0) | (opcode & 0x0f);
  const maskBit = masked ? 0x80 : 0;
  if (length <= 125) return Buffer.from([first, maskBit | Number(length)]);
  if (length <= 0xffff) {
    const header = Buffer.from([first, maskBit | 126, 0, 0]);
    header.writeUInt16BE(Number(length), 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = maskBit | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/**
 * Masks or unmasks in place (RFC 6455, section 5.3).
 * @param position offset of `payload` in the payload of its frame
 */
export function mask(payload: Uint8Array, key: Uint8Array, position: number): void {
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((i) => key[(position + i) & 3] ?? 0);
  const whole = payload.length - (payload.length % 4);
  for (let i = 0; i < whole; i += 4) {
    payload[i] = (payload[i] ?? 0) ^ a;
    payload[i + 1] = (payload[i + 1] ?? 0) ^ b;
    payload[i + 2] = (payload[i + 2] ?? 0) ^ c;
    payload[i + 3] = (payload[i + 3] ?? 0) ^ d;
  }
  for (let i = whole; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ ([a, b, c][i - whole] ?? 0);
}

/** Bounds of a {@link FrameReader}. */
export interface FrameReaderOptions {
  /** Bytes that a payload may have. Default: 64 MiB. */
  readonly maximumPayload?: number;
}

/**
 * Frames out of bytes as they come: push bytes, pull frames. Any opcode, any reserved bit, masked or
 * not, is accepted.
 */
export class FrameReader {
  private readonly queue = new ByteQueue();
  private readonly maximumPayload: number;

  constructor({ maximumPayload = 64 * 1024 * 1024 }: FrameReaderOptions = {}) {
    this.maximumPayload = maximumPayload;
  }

  /** Adds received bytes. */
  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** Bytes of an unfinished frame. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * The next frame, or undefined when more bytes are needed.
   * @throws {ProtocolError} for a payload longer than the bound
   */
  next(): ReceivedFrame | undefined {
    const { queue } = this;
    if (queue.length < 2) return undefined;
    const [first, second] = [queue.at(0), queue.at(1)];
    const masked = (second & 0x80) !== 0;
    const lengthBytes = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0;
    const headerLength = 2 + lengthBytes + (masked ? 4 : 0);
    if (queue.length < headerLength) return undefined;
    const length = lengthBytes === 0 ? second & 0x7f : readLength(queue.peek().subarray(2, 2 + lengthBytes));
    if (length > this.maximumPayload) {
      throw new ProtocolError(`a frame payload of ${String(length)} bytes is more than ${String(this.maximumPayload)}`);
    }
    if (queue.length < headerLength + length) return undefined;
    const bytes = queue.take(headerLength + length);
    const key = masked ? bytes.subarray(headerLength - 4, headerLength) : undefined;
    return { ...bits(first), masked, length, key, payload: unmasked(bytes.subarray(headerLength), key), bytes };
  }
}

function readLength(bytes: Buffer): number {
  return bytes.length === 2 ? bytes.readUInt16BE(0) : Number(bytes.readBigUInt64BE(0));
}

function bits(first: number): Pick<FrameHeader, 'fin' | 'rsv1' | 'rsv2' | 'rsv3' | 'opcode'> {
  return {
    fin: (first & 0x80) !== 0,
    rsv1: (first & 0x40) !== 0,
    rsv2: (first & 0x20) !== 0,
    rsv3: (first & 0x10) !== 0,
    opcode: first & 0x0f,
  };
}

function unmasked(payload: Buffer, key: Buffer | undefined): Buffer {
  if (!key) return payload;
  const plain = Buffer.from(payload);
  mask(plain, key, 0);
  return plain;
}
