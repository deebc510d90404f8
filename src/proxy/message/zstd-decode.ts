/**
 * Decodes Zstandard (RFC 8878), which Node 20 cannot. Frames without a dictionary; checksums are passed
 * over. Every error is an `Error` whose message says what is wrong with the data.
 */
import { decodeHuffman, readHuffman } from './zstd-huffman.js';
import type { HuffmanTable } from './zstd-huffman.js';
import { readSequences } from './zstd-sequences.js';
import type { SequenceMemory } from './zstd-sequences.js';

const magic = 0xfd2fb528;
/** Bytes that a block may have, before and after it is decoded. */
const largestBlock = 128 * 1024;

/** What the blocks of a frame share. */
interface Memory extends SequenceMemory {
  huffman: HuffmanTable | undefined;
}

/** All frames. @param limit bytes that may come of it */
export function decodeZstd(bytes: Buffer, limit: number): Buffer {
  const output = new Output(limit);
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 5) throw new Error('the data ends too early');
    const mark = bytes.readUInt32LE(at);
    // A skippable frame.
    if (mark >>> 4 === 0x184d2a5) at += 8 + bytes.readUInt32LE(at + 4);
    else if (mark === magic) at = decodeFrame(bytes, at + 4, output);
    else throw new Error('not Zstandard');
  }
  return output.finish();
}

function decodeFrame(bytes: Buffer, start: number, output: Output): number {
  const descriptor = bytes[start] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeLength = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 1 + (isSingle ? 0 : 1);
  if (bytes.subarray(at, at + dictionary).some((byte) => byte !== 0)) throw new Error('a dictionary is needed');
  at += dictionary + sizeLength;
  const memory: Memory = { huffman: undefined, tables: [], offsets: [1, 4, 8] };
  output.beginFrame();
  for (let isLast = false; !isLast;) {
    if (at + 3 > bytes.length) throw new Error('the data ends too early');
    const header = bytes.readUIntLE(at, 3);
    at += 3;
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    const block = bytes.subarray(at, at + (type === 1 ? 1 : size));
    if (size > largestBlock || block.length < (type === 1 ? 1 : size)) throw new Error('the data ends too early');
    if (type === 0) output.add(block);
    else if (type === 1) output.add(Buffer.alloc(size, block));
    else if (type === 2) decodeBlock(block, memory, output);
    else throw new Error('a block has no type');
    at += block.length;
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4);
}

function decodeBlock(block: Buffer, memory: Memory, output: Output): void {
  const [literals, at] = readLiterals(block, memory);
  let used = 0;
  for (const [length, match, offset] of readSequences(block, at, memory)) {
    if (used + length > literals.length) throw new Error('there are too few literals');
    output.add(literals.subarray(used, used + length));
    used += length;
    output.repeat(offset, match);
  }
  output.add(literals.subarray(used));
}

/** The literals of a block and the offset behind them (RFC 8878, section 3.1.1.3.1). */
function readLiterals(block: Buffer, memory: Memory): [literals: Buffer, end: number] {
  const first = block[0] ?? 0;
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type < 2) {
    const width = format === 1 ? 2 : format === 3 ? 3 : 1;
    const size = block.readUIntLE(0, width) >> (width === 1 ? 3 : 4);
    if (size > largestBlock) throw new Error('a block is too large');
    if (type === 1) return [Buffer.alloc(size, block[width] ?? 0), width + 1];
    if (width + size > block.length) throw new Error('the data ends too early');
    return [block.subarray(width, width + size), width + size];
  }
  const width = format < 2 ? 3 : format + 2;
  const sizeBits = [10, 10, 14, 18][format] ?? 10;
  const sizes = Math.floor(block.readUIntLE(0, width) / 16);
  const size = sizes % 2 ** sizeBits;
  const end = width + Math.floor(sizes / 2 ** sizeBits);
  if (size > largestBlock || end > block.length) throw new Error('the data ends too early');
  let at = width;
  if (type === 2) [memory.huffman, at] = readHuffman(block.subarray(0, end), at);
  if (memory.huffman === undefined) throw new Error('a Huffman code is repeated that was not given');
  const literals = Buffer.alloc(size);
  decodeStreams(memory.huffman, block.subarray(at, end), literals, format === 0 ? 1 : 4);
  return [literals, end];
}

function decodeStreams(table: HuffmanTable, bytes: Buffer, into: Buffer, streams: 1 | 4): void {
  if (streams === 1) {
    decodeHuffman(table, bytes, into, 0, into.length);
    return;
  }
  const share = (into.length + 3) >> 2;
  let at = 6;
  for (let i = 0; i < 4; i++) {
    const size = i < 3 ? bytes.readUInt16LE(2 * i) : bytes.length - at;
    const count = i < 3 ? share : into.length - 3 * share;
    if (count < 0) throw new Error('the literals are too few for four streams');
    decodeHuffman(table, bytes.subarray(at, at + size), into, i * share, count);
    at += size;
  }
}

/** What was decoded so far: it grows, and its own bytes are copied to its end. */
class Output {
  private bytes = Buffer.allocUnsafe(64 * 1024);
  private length = 0;
  private frame = 0;

  constructor(private readonly limit: number) {}

  beginFrame(): void {
    this.frame = this.length;
  }

  add(piece: Buffer): void {
    this.reserve(piece.length);
    piece.copy(this.bytes, this.length);
    this.length += piece.length;
  }

  /** Copies `length` bytes from `offset` back; they may run into what is copied. */
  repeat(offset: number, length: number): void {
    const from = this.length - offset;
    if (offset <= 0 || from < this.frame) throw new Error('a match begins before the frame');
    this.reserve(length);
    const { bytes } = this;
    if (offset >= length) bytes.copyWithin(this.length, from, from + length);
    else for (let i = 0; i < length; i++) bytes[this.length + i] = bytes[from + i] ?? 0;
    this.length += length;
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.limit) throw new Error(`it would be longer than ${String(this.limit)} bytes`);
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(this.limit, this.bytes.length * 2)));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
