/**
 * A body in the chunked transfer coding (RFC 9112, section 7.1), made as it is read: of a terabyte in
 * chunks of one byte, any piece can be had at once.
 */
import { draw } from './layout.js';
import type { Part } from './layout.js';
import { readSegment } from './plan.js';
import type { LazySegment, Segment } from './plan.js';

/** Chunked bodies up to this size are made whole, once. */
const eagerLimit = 64 * 1024;

/** A chunk: where it begins in the body and among the chunks, and the bytes of the body in it. */
interface Chunk {
  readonly from: number;
  readonly at: number;
  readonly size: number;
}

const lineEnd = Buffer.from('\r\n');

function sizeLine(size: number): Buffer {
  return Buffer.from(`${size.toString(16)}\r\n`);
}

/** Bytes of a chunk with its size line and its line end. */
function lengthOf(size: number): number {
  return size.toString(16).length + size + 4;
}

/** The chunks of a body, without the last one of size 0. @param sizes at least one; the last repeats */
export function chunkedPart(content: Part, sizes: readonly number[]): Part {
  const plan = new ChunkPlan(content.length, sizes);
  if (Buffer.isBuffer(content) && plan.length <= eagerLimit) {
    const whole = Buffer.allocUnsafe(plan.length);
    plan.read(content, 0, whole);
    return whole;
  }
  return {
    length: plan.length,
    draw(random): LazySegment {
      const body = draw(content, random);
      return {
        length: plan.length,
        read(at, into) {
          plan.read(body, at, into);
        },
      };
    },
  };
}

/** Which chunk lies where. */
class ChunkPlan {
  readonly length: number;
  /** Those whose sizes were given one by one. */
  private readonly leading: readonly Chunk[];
  /** What follows them: chunks of one size, and what is left over. */
  private readonly rest: Chunk;

  constructor(
    private readonly content: number,
    sizes: readonly number[],
  ) {
    const leading: Chunk[] = [];
    let from = 0;
    let at = 0;
    for (const wanted of sizes.slice(0, -1)) {
      const size = Math.min(wanted, content - from);
      if (size === 0) break;
      leading.push({ from, at, size });
      from += size;
      at += lengthOf(size);
    }
    this.leading = leading;
    this.rest = { from, at, size: sizes.at(-1) ?? content };
    const count = Math.floor((content - from) / this.rest.size);
    const over = content - from - count * this.rest.size;
    this.length = at + count * lengthOf(this.rest.size) + (over > 0 ? lengthOf(over) : 0);
  }

  /** Fills `into` with the chunks of `body` from offset `at` of all chunks. */
  read(body: Segment, at: number, into: Uint8Array): void {
    let index = this.indexAt(at);
    let chunk = this.chunk(index);
    let skip = at - chunk.at;
    let done = 0;
    const copy = (piece: Uint8Array): void => {
      const part = piece.subarray(skip, skip + into.length - done);
      skip = Math.max(0, skip - piece.length);
      into.set(part, done);
      done += part.length;
    };
    // The body is read in one go: chunks may be one byte each.
    let from = chunk.from + Math.min(Math.max(0, skip - sizeLine(chunk.size).length), chunk.size);
    const base = from;
    const bytes = readSegment(body, base, Math.min(this.content, base + into.length));
    while (done < into.length) {
      copy(sizeLine(chunk.size));
      const end = chunk.from + chunk.size;
      skip = Math.max(0, skip - (from - chunk.from));
      copy(bytes.subarray(from - base, end - base));
      copy(lineEnd);
      from = end;
      chunk = this.chunk(++index);
    }
  }

  private chunk(index: number): Chunk {
    const leading = this.leading[index];
    if (leading) return leading;
    const { from, at, size } = this.rest;
    const before = index - this.leading.length;
    const start = from + before * size;
    return { from: start, at: at + before * lengthOf(size), size: Math.min(size, this.content - start) };
  }

  /** The chunk that holds the offset. */
  private indexAt(at: number): number {
    if (at >= this.rest.at) {
      return this.leading.length + Math.floor((at - this.rest.at) / lengthOf(this.rest.size));
    }
    let low = 0;
    let high = this.leading.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.leading[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
