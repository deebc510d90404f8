/**
 * A message being edited before it is sent: bytes overwritten, erased, flipped.
 *
 *     written    GET /x HTTP/1.1 ...      offsets count these bytes, always
 *     o, ~       GET /y HTTP/1.1 ...      in the order written; the length stays
 *     e          GET /y 1.1 ...           what is erased stays erased
 *     sent       GET /y <injected>1.1     actions, before the byte that stood at their offset
 */
import { draw, slicePart } from './layout.js';
import type { DrawnPart, Part, PartList } from './layout.js';
import { readSegment } from './plan.js';
import type { Segment } from './plan.js';
import type { Random } from './random.js';
import type { WholeNumber } from './scan.js';

/** Bytes of the message: those of `part` from `from` on. */
interface Piece {
  readonly at: number;
  readonly length: number;
  readonly part: Part;
  readonly from: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

export class Edits {
  private readonly length: number;
  private readonly pieces: Piece[] = [];
  private readonly marked: Range[] = [];
  private ranges: readonly Range[] | undefined;

  constructor(parts: readonly Part[]) {
    let at = 0;
    for (const part of parts) {
      if (part.length > 0) this.pieces.push({ at, length: part.length, part: kept(part), from: 0 });
      at += part.length;
    }
    this.length = at;
  }

  /** Puts `data` in place of the bytes from an offset on. */
  overwrite(offset: WholeNumber, data: Part): void {
    const { from, to } = this.range(offset, data.length);
    if (from < to) this.replace(from, to, kept(data));
  }

  /** Leaves out bytes, whatever else becomes of them. */
  erase(offset: WholeNumber, count: number): void {
    const range = this.range(offset, count);
    if (range.from < range.to) this.marked.push(range);
    this.ranges = undefined;
  }

  /** Flips one of the eight bits of a byte as it is now. */
  flip(offset: WholeNumber, bit: number): void {
    const { from, to } = this.range(offset, 1);
    if (from === to) return;
    const byte = this.cut(from, from + 1);
    this.replace(from, to, Buffer.isBuffer(byte) ? flipped(byte, bit) : flippedLater(byte, bit));
  }

  /** The byte at an offset as it is now; nothing behind the end. */
  byteAt(offset: WholeNumber, random: Random): Buffer {
    const { from, to } = this.range(offset, 1);
    return from === to ? Buffer.alloc(0) : readSegment(draw(this.cut(from, to), random), 0, 1);
  }

  /** Adds what is left to a list. */
  into(list: PartList): PartList {
    const erased = this.erased();
    let next = 0;
    for (const piece of this.pieces) {
      const end = piece.at + piece.length;
      let at = piece.at;
      while ((erased[next]?.to ?? Infinity) <= at) next++;
      for (let i = next; at < end; i++) {
        const range = erased[i];
        const stop = Math.min(end, Math.max(at, range?.from ?? end));
        if (stop > at) list.part(slicePart(piece.part, piece.from + at - piece.at, stop - at));
        at = Math.min(end, Math.max(stop, range?.to ?? end));
      }
    }
    return list;
  }

  /** Where an offset of the message as written lies in what is left. */
  place(offset: WholeNumber): number {
    let place = Number(offset < this.length ? offset : this.length);
    const end = place;
    for (const { from, to } of this.erased()) {
      if (from >= end) break;
      place -= Math.min(to, end) - from;
    }
    return place;
  }

  private range(offset: WholeNumber, count: number): Range {
    const from = offset < this.length ? Number(offset) : this.length;
    return { from, to: Math.min(this.length, from + count) };
  }

  /** What is erased, in order and without overlaps. */
  private erased(): readonly Range[] {
    if (this.ranges) return this.ranges;
    const joined: Range[] = [];
    for (const range of [...this.marked].sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last && range.from <= last.to)
        joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
      else joined.push(range);
    }
    this.ranges = joined;
    return joined;
  }

  private replace(from: number, to: number, part: Part): void {
    const first = this.split(from);
    const last = this.split(to);
    this.pieces.splice(first, last - first, { at: from, length: to - from, part, from: 0 });
  }

  private cut(from: number, to: number): Part {
    const piece = this.pieces[this.split(from)];
    if (!piece) throw new RangeError(`no byte at ${String(from)}`);
    return slicePart(piece.part, piece.from + from - piece.at, to - from);
  }

  /** Makes a piece begin at an offset. @returns its index */
  private split(offset: number): number {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const piece = this.pieces[middle];
      if (piece && piece.at + piece.length <= offset) low = middle + 1;
      else high = middle;
    }
    const piece = this.pieces[low];
    if (!piece || piece.at === offset) return low;
    const before = { ...piece, length: offset - piece.at };
    const behind = { ...piece, at: offset, length: piece.length - before.length, from: piece.from + before.length };
    this.pieces.splice(low, 1, before, behind);
    return low + 1;
  }
}

function flipped(byte: Buffer, bit: number): Buffer {
  return Buffer.of((byte[0] ?? 0) ^ (1 << bit));
}

function flippedLater(byte: DrawnPart, bit: number): DrawnPart {
  return { length: 1, draw: (random) => flipped(readSegment(byte.draw(random), 0, 1), bit) };
}

/** A part that may be cut into thousands: what it draws is drawn once a sending. */
function kept(part: Part): Part {
  if (Buffer.isBuffer(part)) return part;
  let last: { readonly random: Random; readonly segment: Segment } | undefined;
  return {
    length: part.length,
    draw(random) {
      if (last?.random !== random) last = { random, segment: part.draw(random) };
      return last.segment;
    },
  };
}
