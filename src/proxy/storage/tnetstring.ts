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
  return decodeNext(bytes, 0)[0];
}

/** The first item, and the bytes behind it. Lengths within an item are as Python reads integers. */
function decodeNext(bytes: Buffer, depth: number): [value: TnetValue, rest: Buffer] {
  const end = bytes.indexOf(colon);
  const length = end === -1 ? undefined : lengthOf(bytes, end);
  if (length === undefined) throw new Error('there is no length');
  const payload = bytes.subarray(end + 1);
  // A length below zero counts from the end, as a slice of Python does.
  const at = length < 0 ? payload.length + length : length;
  const tag = payload[at];
  if (tag === undefined) throw new Error(`the length ${String(length)} is too large`);
  const rest = length === -1 ? payload : payload.subarray(length < 0 ? length + 1 : at + 1);
  return [decodePayload(payload.subarray(0, at), tag, depth), rest];
}

/** The length before a colon: digits as a rule. */
function lengthOf(bytes: Buffer, end: number): number | undefined {
  let length = 0;
  for (let i = 0; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9 || i > lengthDigits) {
      const lax = decodePythonInteger(bytes.toString('latin1', 0, end));
      return lax === undefined ? undefined : Number(lax);
    }
    length = length * 10 + digit;
  }
  return end === 0 ? undefined : length;
}

function decodePayload(payload: Buffer, tag: number, depth: number): TnetValue {
  if (depth > maximumDepth) throw new Error('too many lists within one another');
  switch (String.fromCharCode(tag)) {
    case ',':
      return payload;
    case ';':
      return decodeText(payload);
    case '#':
      return demand(decodePythonInteger(payload.toString('latin1')), payload, 'integer');
    case '^':
      return demand(decodePythonFloat(payload.toString('latin1')), payload, 'number');
    case '!':
      return demand(booleans[payload.toString('latin1')], payload, 'truth value');
    case '~':
      return demand(payload.length === 0 ? null : undefined, payload, 'null');
    case ']':
      return decodeList(payload, depth);
    case '}':
      return decodeMap(payload, depth);
    default:
      throw new Error(`there is no type ${JSON.stringify(String.fromCharCode(tag))}`);
  }
}

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };

function demand<T>(value: T | undefined, payload: Buffer, what: string): T {
  if (value !== undefined) return value;
  throw new Error(`${JSON.stringify(payload.toString('latin1', 0, 40))} is no ${what}`);
}

function decodeText(payload: Buffer): string {
  try {
    return utf8.decode(payload);
  } catch {
    throw new Error('a text is not UTF-8');
  }
}

function decodeList(payload: Buffer, depth: number): TnetValue[] {
  const items: TnetValue[] = [];
  for (let rest = payload; rest.length > 0;) {
    const [item, behind] = decodeNext(rest, depth + 1);
    items.push(item);
    rest = behind;
  }
  return items;
}

function decodeMap(payload: Buffer, depth: number): TnetMap {
  const items = decodeList(payload, depth);
  if (items.length % 2 === 1) throw new Error('a key has no value');
  const map = new Map<TnetValue, TnetValue>();
  for (let i = items.length - 2; i >= 0; i -= 2) {
    const [key, value] = [items[i] ?? null, items[i + 1] ?? null];
    // The last member of a name counts, and it was met first here.
    if (!map.has(key)) map.set(key, value);
  }
  return map;
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
