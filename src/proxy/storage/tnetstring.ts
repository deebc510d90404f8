/**
 * Tagged netstrings, the notation of flow files: `<length>:<payload><tag>`.
 *
 * The ancestor writes dictionaries back to front: the member that was put in first stands last. Here the
 * members of a Map are always in the order in which they were put in, and the notation is turned around.
 */
import { decodePythonFloat, decodePythonInteger, encodePythonFloat } from './python-number.js';

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
  const output = new BackwardWriter();
  encodeInto(output, value);
  return output.finish();
}

function encodeInto(output: BackwardWriter, value: TnetValue): void {
  if (typeof value === 'string') output.item(value, ';');
  else if (Buffer.isBuffer(value)) output.item(value, ',');
  else if (value === null) output.text('0:~');
  else if (typeof value === 'boolean') output.text(value ? '4:true!' : '5:false!');
  else if (typeof value === 'bigint') output.item(String(value), '#');
  else if (typeof value === 'number') output.item(encodePythonFloat(value), '^');
  else encodeMembers(output, value);
}

/** Lists from the last item back; of dictionaries, what was put in last is written first. */
function encodeMembers(output: BackwardWriter, value: readonly TnetValue[] | TnetMap): void {
  const isMap = value instanceof Map;
  output.text(isMap ? '}' : ']');
  const end = output.length;
  if (isMap) {
    for (const [key, member] of value as TnetMap) {
      encodeInto(output, member);
      encodeInto(output, key);
    }
  } else {
    const list = value as readonly TnetValue[];
    for (let i = list.length - 1; i >= 0; i--) encodeInto(output, list[i] ?? null);
  }
  output.text(`${String(output.length - end)}:`);
}

/** Writes from the end of its memory back, so that lengths are known when they are written. */
class BackwardWriter {
  private memory = Buffer.allocUnsafe(4096);
  private at = this.memory.length;

  /** Bytes written. */
  get length(): number {
    return this.memory.length - this.at;
  }

  /** Puts ASCII text in front. */
  text(text: string): void {
    this.reserve(text.length);
    const { memory, at } = this;
    // A call into the platform costs more than a few dozen bytes.
    if (text.length > 48) memory.write(text, at, 'latin1');
    else for (let i = 0; i < text.length; i++) memory[at + i] = text.charCodeAt(i);
  }

  /** Puts an item in front. */
  item(payload: string | Buffer, tag: string): void {
    if (typeof payload === 'string' && isShortAscii(payload)) {
      this.text(`${String(payload.length)}:${payload}${tag}`);
      return;
    }
    this.text(tag);
    const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    this.reserve(length);
    if (typeof payload === 'string') this.memory.write(payload, this.at, 'utf8');
    else if (length > 48) this.memory.set(payload, this.at);
    else for (let i = 0; i < length; i++) this.memory[this.at + i] = payload[i] ?? 0;
    this.text(`${String(length)}:`);
  }

  finish(): Buffer {
    return this.memory.subarray(this.at);
  }

  private reserve(length: number): void {
    if (length > this.at) {
      const used = this.length;
      const grown = Buffer.allocUnsafe(Math.max(2 * this.memory.length, used + 2 * length));
      this.memory.copy(grown, grown.length - used, this.at);
      this.memory = grown;
      this.at = grown.length - used;
    }
    this.at -= length;
  }
}

function isShortAscii(text: string): boolean {
  if (text.length > 44) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
