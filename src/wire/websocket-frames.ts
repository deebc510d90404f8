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
  /** The masking key; written behind the length when it is given. */
  readonly key?: Uint8Array | undefined;
  /** The length that is claimed, up to 2^64 - 1. */
  readonly length: number | bigint;
}

/** A frame as received. */
export interface ReceivedFrame extends FrameHeader {
  readonly length: number;
  /** Whether the length was written in as few bytes as it needs, as RFC 6455 asks. */
  readonly minimal: boolean;
  /** The masking key, when the mask bit is set. */
  readonly key: Buffer | undefined;
  /** The payload, unmasked. */
  readonly payload: Buffer;
  /** All bytes of the frame, as received. */
  readonly bytes: Buffer;
}

/**
 * The bytes of a header: two, four or ten, and those of the key if there is one. Whether there is one is
 * not held to the mask bit.
 */
export function encodeFrameHeader(frame: FrameHeader): Buffer {
  const { fin, rsv1, rsv2, rsv3, opcode, masked, key, length } = frame;
  const lengthBytes = length <= 125 ? 0 : length <= 0xffff ? 2 : 8;
  const header = Buffer.alloc(2 + lengthBytes + (key?.length ?? 0));
  header[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | (rsv2 ? 0x20 : 0) | (rsv3 ? 0x10 : 0) | (opcode & 0x0f);
  header[1] = (masked ? 0x80 : 0) | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
  if (key) header.set(key, 2 + lengthBytes);
  return header;
}

/** Bytes from which masking by words pays for setting it up. */
const worthWords = 64;

/**
 * Masks or unmasks in place (RFC 6455, section 5.3).
 * @param position offset of `payload` in the payload of its frame
 */
export function mask(payload: Uint8Array, key: Uint8Array, position: number): void {
  // Not `position & 3`: a position may lie beyond 2^32.
  const phase = position % 4;
  if (payload.length < worthWords) {
    maskBytes(payload, key, phase, 0, payload.length);
    return;
  }
  const before = -payload.byteOffset & 3;
  const words = (payload.length - before) >>> 2;
  const after = before + 4 * words;
  maskBytes(payload, key, phase, 0, before);
  maskWords(new Int32Array(payload.buffer, payload.byteOffset + before, words), key, phase + before);
  maskBytes(payload, key, phase, after, payload.length);
}

function maskBytes(payload: Uint8Array, key: Uint8Array, phase: number, from: number, to: number): void {
  for (let i = from; i < to; i++) payload[i] = (payload[i] ?? 0) ^ (key[(phase + i) & 3] ?? 0);
}

function maskWords(words: Int32Array, key: Uint8Array, phase: number): void {
  // The word is made from bytes in memory order, so that it is right on any machine.
  const [word = 0] = new Int32Array(Uint8Array.of(0, 1, 2, 3).map((i) => key[(phase + i) & 3] ?? 0).buffer);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ word;
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
    const { memory, start } = queue;
    const first = queue.at(0);
    const second = queue.at(1);
    const masked = (second & 0x80) !== 0;
    const lengthBytes = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0;
    const headerLength = 2 + lengthBytes + (masked ? 4 : 0);
    if (queue.length < headerLength) return undefined;
    const claimed = claimedLength(memory, start, lengthBytes);
    if (claimed > this.maximumPayload) {
      throw new ProtocolError(
        `a frame payload of ${String(claimed)} bytes is more than ${String(this.maximumPayload)}`,
      );
    }
    const length = Number(claimed);
    if (queue.length < headerLength + length) return undefined;
    const bytes = queue.take(headerLength + length);
    const key = masked ? bytes.subarray(headerLength - 4, headerLength) : undefined;
    const payload = bytes.subarray(headerLength);
    // Written out: the spread of an object costs more here than all the rest.
    return {
      fin: (first & 0x80) !== 0,
      rsv1: (first & 0x40) !== 0,
      rsv2: (first & 0x20) !== 0,
      rsv3: (first & 0x10) !== 0,
      opcode: first & 0x0f,
      masked,
      length,
      minimal: lengthBytes === 0 || length > (lengthBytes === 2 ? 125 : 0xffff),
      key,
      payload: key === undefined ? payload : unmasked(payload, key),
      bytes,
    };
  }
}

function claimedLength(memory: Buffer, start: number, lengthBytes: number): number | bigint {
  if (lengthBytes === 8) return memory.readBigUInt64BE(start + 2);
  return lengthBytes === 2 ? memory.readUInt16BE(start + 2) : memory.readUInt8(start + 1) & 0x7f;
}

function unmasked(payload: Buffer, key: Buffer): Buffer {
  const plain = Buffer.from(payload);
  mask(plain, key, 0);
  return plain;
}
