/**
 * Tagged netstrings, the notation of flow files: `<length>:<payload><tag>`.
 *
 * The ancestor writes dictionaries back to front: the member that was put in first stands last. Here the
 * members of a Map are always in the order in which they were put in, and the notation is turned around.
 */
import { ItemWriter } from './item-writer.js';
import { decodePythonFloat, decodePythonInteger } from './python-number.js';

/** A value: bytes, text, an integer (bigint), a number with a fraction, and what holds values. */
export type TnetValue = Buffer | string | bigint | number | boolean | null | readonly TnetValue[] | TnetMap;

/** A dictionary, in the order in which its members were put in. Keys are text, bytes in old files. */
export type TnetMap = ReadonlyMap<TnetValue, TnetValue>;

/** Lists and dictionaries within one another. */
const maximumDepth = 64;
/** Digits that a length may have. */
const lengthDigits = 12;

const colon = 0x3a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Where the item that begins at `at` in a file ends: its length is digits and nothing else.
 * @returns the offset behind its tag; `undefined` when the bytes end before the colon
 * @throws {Error} when there is no length
 */
export function findItem(bytes: Buffer, at: number): number | undefined {
  let length = 0;
  for (let i = at; i < at + lengthDigits + 1; i++) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    if (byte === colon) {
      if (i === at) break;
      return i + 2 + length;
    }
    if (byte < 0x30 || byte > 0x39) break;
    length = length * 10 + byte - 0x30;
  }
  throw new Error('there is no length');
}

/** Reads one item in memory; what follows it is left alone. @throws {Error} saying what is wrong */
export function decodeItem(bytes: Buffer): TnetValue {
  return new ItemReader(bytes).read(0, bytes.length, 0);
}

/** Reads items where they lie. Lengths within an item are as Python reads integers. */
class ItemReader {
  /** Where the next item begins. */
  private next = 0;

  constructor(private readonly bytes: Buffer) {}

  /** The item that begins at `start`. Nothing of it lies behind `end`. */
  read(start: number, end: number, depth: number): TnetValue {
    const length = this.lengthAt(start, end);
    const from = this.next;
    // A length below zero counts from the end, as a slice of Python does.
    const to = length < 0 ? end + length : from + length;
    if (to >= end || to < from) throw new Error(`the length ${String(length)} is too large`);
    const value = this.payload(from, to, depth);
    this.next = length === -1 ? from : to + 1;
    return value;
  }

  /** The length before a colon, digits as a rule. {@link next} is behind the colon then. */
  private lengthAt(start: number, end: number): number {
    let length = 0;
    for (let i = start; i < end; i++) {
      const byte = this.bytes[i] ?? 0;
      if (byte === colon && i > start) {
        this.next = i + 1;
        return length;
      }
      const digit = byte - 0x30;
      if (digit < 0 || digit > 9 || i - start > lengthDigits) return this.laxLengthAt(start, end);
      length = length * 10 + digit;
    }
    throw new Error('there is no length');
  }

  private laxLengthAt(start: number, end: number): number {
    const at = this.bytes.indexOf(colon, start);
    const length = at === -1 || at >= end ? undefined : decodePythonInteger(this.bytes.toString('latin1', start, at));
    if (length === undefined) throw new Error('there is no length');
    this.next = at + 1;
    return Number(length);
  }

  private payload(from: number, to: number, depth: number): TnetValue {
    if (depth > maximumDepth) throw new Error('too many lists within one another');
    const tag = String.fromCharCode(this.bytes[to] ?? 0);
    switch (tag) {
      case ',':
        return this.bytes.subarray(from, to);
      case ';':
        return this.text(from, to);
      case '#':
        return demand(integerOf(this.latin1(from, to)), this.latin1(from, to), 'integer');
      case '^':
        return demand(numberOf(this.latin1(from, to)), this.latin1(from, to), 'number');
      case '!':
        return demand(booleans[this.latin1(from, to)], this.latin1(from, to), 'truth value');
      case '~':
        return demand(from === to ? null : undefined, this.latin1(from, to), 'null');
      case ']':
        return this.list(from, to, depth);
      case '}':
        return this.map(from, to, depth);
      default:
        throw new Error(`there is no type ${JSON.stringify(tag)}`);
    }
  }

  private latin1(from: number, to: number): string {
    return this.bytes.toString('latin1', from, to);
  }

  private text(from: number, to: number): string {
    const { bytes } = this;
    for (let i = from; i < to; i++) {
      if ((bytes[i] ?? 0) < 0x80) continue;
      try {
        return utf8.decode(bytes.subarray(from, to));
      } catch {
        throw new Error('a text is not UTF-8');
      }
    }
    return this.latin1(from, to);
  }

  private list(from: number, to: number, depth: number): TnetValue[] {
    const items: TnetValue[] = [];
    for (let at = from; at < to; at = this.next) items.push(this.read(at, to, depth + 1));
    return items;
  }

  private map(from: number, to: number, depth: number): TnetMap {
    const items = this.list(from, to, depth);
    if (items.length % 2 === 1) throw new Error('a key has no value');
    const map = new Map<TnetValue, TnetValue>();
    for (let i = items.length - 2; i >= 0; i -= 2) {
      const [key, value] = [items[i] ?? null, items[i + 1] ?? null];
      // The last member of a name counts, and it was met first here.
      if (!map.has(key)) map.set(key, value);
    }
    return map;
  }
}

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Most are short digits, or digits with a point: what both languages read alike. */
function integerOf(text: string): bigint | undefined {
  return /^\d{1,15}$/.test(text) ? BigInt(Number(text)) : decodePythonInteger(text);
}

function numberOf(text: string): number | undefined {
  return /^\d+\.\d+$/.test(text) ? Number(text) : decodePythonFloat(text);
}

function demand<T>(value: T | undefined, payload: string, what: string): T {
  if (value !== undefined) return value;
  throw new Error(`${JSON.stringify(payload.slice(0, 40))} is no ${what}`);
}

/** Writes a value. */
export function encodeItem(value: TnetValue): Buffer {
  const output = new ItemWriter();
  writeItem(output, value);
  return output.view;
}

/** Puts a value in front of what was written. */
export function writeItem(output: ItemWriter, value: TnetValue): void {
  if (typeof value === 'string') output.text(value);
  else if (Buffer.isBuffer(value)) output.bytes(value);
  else if (value === null) output.nothing();
  else if (typeof value === 'boolean') output.truth(value);
  else if (typeof value === 'bigint') output.integer(value);
  else if (typeof value === 'number') output.number(value);
  else if (value instanceof Map) writeMap(output, value as TnetMap);
  else writeList(output, value as readonly TnetValue[]);
}

/** From the last item back. */
function writeList(output: ItemWriter, list: readonly TnetValue[]): void {
  const mark = output.open(']');
  for (let i = list.length - 1; i >= 0; i--) writeItem(output, list[i] ?? null);
  output.close(mark);
}

/** What was put in last is written first. */
function writeMap(output: ItemWriter, map: TnetMap): void {
  const mark = output.open('}');
  for (const [key, member] of map) {
    writeItem(output, member);
    writeItem(output, key);
  }
  output.close(mark);
}
