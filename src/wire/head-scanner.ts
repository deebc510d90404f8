import type { ByteQueue } from './byte-queue.js';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;

/** Fields that decide what happens next, looked for while the end of the head is. */
const watched = {
  'content-length': 1,
  'transfer-encoding': 2,
  expect: 4,
  upgrade: 8,
} as const;

/** A name of a field that is looked for. */
export type WatchedField = keyof typeof watched;

/** Whether a set of bits from {@link HeadScanner.seenFields} holds a field. */
export function hasWatched(seen: number, name: WatchedField): boolean {
  return (seen & watched[name]) !== 0;
}

interface Candidate {
  readonly name: Buffer;
  readonly bit: number;
}

/** By the first letter of the name in lower case. */
const candidates: (Candidate | undefined)[] = Array.from({ length: 256 }, () => undefined);
for (const [name, bit] of Object.entries(watched)) candidates[name.charCodeAt(0)] = { name: Buffer.from(name), bit };

/**
 * Looks for the blank line that ends a head, without reading a byte twice however it arrives. All
 * offsets count from the first byte that waits in the queue.
 */
export class HeadScanner {
  private scanned = 0;
  private lineStart = 0;
  private firstLineEnd = -1;
  private seen = 0;
  private fields = 0;
  private badLine: Buffer | undefined;

  /** @param strict whether to look for field lines without a name or a colon */
  constructor(private readonly strict: boolean) {}

  /** The first field line that cannot be one, its line end included; only when strict. */
  get invalidLine(): Buffer | undefined {
    return this.badLine;
  }

  /** End of the first line, its LF included; -1 until it is there. */
  get startLineEnd(): number {
    return this.firstLineEnd;
  }

  /**
   * The watched fields that were seen, as a set of bits for {@link hasWatched}. A bit may be set
   * without the field being there, never the other way about.
   */
  get seenFields(): number {
    return this.seen;
  }

  /** The length of the head with its blank line, or -1 when more bytes are needed. */
  scan(queue: ByteQueue): number {
    const { memory, start } = queue;
    let lineStart = start + this.lineStart;
    let end = memory.indexOf(lineFeed, start + this.scanned);
    while (end !== -1) {
      if (this.firstLineEnd === -1) this.firstLineEnd = end + 1 - start;
      else if (end === lineStart || (end === lineStart + 1 && memory[lineStart] === carriageReturn)) {
        return end + 1 - start;
      } else this.field(memory, lineStart, end);
      lineStart = end + 1;
      end = memory.indexOf(lineFeed, lineStart);
    }
    this.lineStart = lineStart - start;
    this.scanned = memory.length - start;
    return -1;
  }

  reset(): void {
    this.scanned = 0;
    this.lineStart = 0;
    this.firstLineEnd = -1;
    this.seen = 0;
    this.fields = 0;
    this.badLine = undefined;
  }

  private field(memory: Buffer, start: number, end: number): void {
    const candidate = candidates[(memory[start] ?? 0) | 0x20];
    if (candidate !== undefined) this.watch(candidate, memory, start, end);
    if (this.strict) this.check(memory, start, end);
  }

  private watch({ name, bit }: Candidate, memory: Buffer, start: number, end: number): void {
    if (start + name.length >= end || memory[start + name.length] !== colon) return;
    for (let i = 1; i < name.length; i++) {
      if (((memory[start + i] ?? 0) | 0x20) !== name[i]) return;
    }
    this.seen |= bit;
  }

  private check(memory: Buffer, start: number, end: number): void {
    const folded = this.fields++ > 0 && (memory[start] === space || memory[start] === tab);
    if (folded) return;
    let at = start;
    // By hand: a search would run on into the lines behind this one.
    while (at < end && memory[at] !== colon) at++;
    if (at > start && at < end) return;
    this.badLine ??= memory.subarray(start, end + 1);
  }
}
