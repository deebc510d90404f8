/**
 * The header fields of a message, to be read and changed: case-insensitive, in order, duplicates and
 * bytes kept. Text is UTF-8 that loses no byte, see utf8.ts.
 *
 * Fields that arrived on a connection stay as they are, unparsed, until somebody asks or changes them.
 */
import { HeaderFields } from '../../wire/headers.js';
import type { RawField } from '../../wire/headers.js';
import { demandText, refusal } from './demand.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** What headers can be made of: pairs, or an object with a value or several for each name. */
export type HeadersInit =
  | Iterable<readonly [name: string | Buffer, value: string | Buffer]>
  | Readonly<Record<string, string | readonly string[]>>;

/** The header or trailer fields of a message. */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  private list: readonly RawField[] | undefined;
  private received: HeaderFields | undefined;

  constructor(from: HeaderFields | HeadersInit = []) {
    if (from instanceof HeaderFields) this.received = from;
    else this.list = fieldsOf(from);
  }

  /** The fields, byte for byte. */
  get fields(): readonly RawField[] {
    return (this.list ??= [...(this.received ?? [])]);
  }

  set fields(fields: readonly RawField[]) {
    this.list = fields;
    this.received = undefined;
  }

  /** The fields as they arrived, while nobody has changed them. */
  get asReceived(): HeaderFields | undefined {
    return this.received;
  }

  /** The field lines, each ended by CRLF; those of a message that was not changed, exactly as received. */
  get block(): Buffer {
    if (this.received !== undefined) return this.received.raw;
    return Buffer.concat(this.fields.flatMap(([name, value]) => [name, separator, value, lineEnd]));
  }

  /** The field lines as they are sent: {@link block}, but that every line ends with CRLF. */
  get lines(): Buffer {
    return this.received?.lines ?? this.block;
  }

  /** How many fields there are, duplicates included. */
  get size(): number {
    return this.received?.size ?? this.fields.length;
  }

  /** All values of a name, joined by ", ". */
  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length < 2 ? values[0] : values.join(', ');
  }

  /** The values of a name in order; a folded one is one line. */
  getAll(name: string): readonly string[] {
    // Without a parsed list the fields are searched where they lie; ISO 8859-1 differs only outside ASCII.
    if (this.list === undefined && this.received !== undefined) {
      const values = this.received.getAll(name);
      if (values.every(isPlain)) return values;
    }
    const wanted = bytesOf(name);
    return this.fields.filter(([other]) => sameName(other, wanted)).map(([, value]) => unfolded(decodeUtf8(value)));
  }

  has(name: string): boolean {
    if (this.received !== undefined) return this.received.has(name);
    const wanted = bytesOf(name);
    return this.fields.some(([other]) => sameName(other, wanted));
  }

  /**
   * Gives a name one value, in place of the first field of that name, or at the end.
   * @throws {TypeError} as all that changes fields, for a name or a value that is no text
   */
  set(name: string, value: string): void {
    demandValue(name, value);
    if (this.list === undefined && isOneLine(name) && isOneLine(value)) {
      const changed = this.received?.with(name, value);
      if (changed !== undefined) {
        this.received = changed;
        return;
      }
    }
    this.setAll(name, [value]);
  }

  /** The first name that is empty, or has a byte whose entry in the table is 0. */
  nameOutside(allowed: Uint8Array): Buffer | undefined {
    if (this.received !== undefined) return this.received.nameOutside(allowed);
    return this.fields.find(([name]) => name.length === 0 || name.some((byte) => allowed[byte] === 0))?.[0];
  }

  /** Gives a name these values: fields of that name keep their place and spelling, the rest goes to the end. */
  setAll(name: string, values: readonly string[]): void {
    const wanted = bytesOf(name);
    const left = values.map((value) => encodeUtf8(demandValue(name, value)));
    const fields: RawField[] = [];
    for (const field of this.fields) {
      if (!sameName(field[0], wanted)) fields.push(field);
      else {
        const value = left.shift();
        if (value !== undefined) fields.push([field[0], value]);
      }
    }
    this.fields = [...fields, ...left.map((value): RawField => [wanted, value])];
  }

  /** Puts a field at the end. */
  add(name: string, value: string): void {
    this.insert(this.size, name, value);
  }

  /** Puts a field before the one at `index`, counted from the end when it is negative. */
  insert(index: number, name: string, value: string): void {
    this.fields = this.fields.toSpliced(index, 0, [bytesOf(name), encodeUtf8(demandValue(name, value))]);
  }

  /** Removes all fields of a name. Gives whether there were any. */
  delete(name: string): boolean {
    const wanted = bytesOf(name);
    const kept = this.fields.filter(([other]) => !sameName(other, wanted));
    if (kept.length === this.fields.length) return false;
    this.fields = kept;
    return true;
  }

  /** Each name once, as first spelt. */
  names(): readonly string[] {
    const found = new Map<string, string>();
    for (const [name] of this) {
      const key = name.toLowerCase();
      if (!found.has(key)) found.set(key, name);
    }
    return [...found.values()];
  }

  /** Name and value of every field in order. */
  *[Symbol.iterator](): Generator<readonly [name: string, value: string], void, undefined> {
    for (const [name, value] of this.fields) yield [decodeUtf8(name), decodeUtf8(value)];
  }

  /** Name and value of every field in order, as text with a character a byte; a folded value is one line. */
  latin1(): readonly (readonly [name: string, value: string])[] {
    if (this.received !== undefined) return this.received.entries();
    return this.fields.map(([name, value]) => [name.toString('latin1'), unfolded(value.toString('latin1'))] as const);
  }

  clone(): Headers {
    const copy = new Headers();
    copy.list = this.list;
    copy.received = this.received;
    return copy;
  }
}

const separator = Buffer.from(': ');
const lineEnd = Buffer.from('\r\n');

function fieldsOf(from: HeadersInit): RawField[] {
  // Types do not bind JavaScript.
  if (typeof from !== 'object' || from === null)
    throw refusal('headers', 'pairs, or an object with values by name', from);
  if (Symbol.iterator in from) {
    return Array.from(from, ([name, value]): RawField => [bytesOf(name), bytesOf(value, name)]);
  }
  return Object.entries(from).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: string): RawField => [bytesOf(name), bytesOf(one, name)]),
  );
}

/** @throws {TypeError} for what is neither text nor bytes */
function bytesOf(text: string | Buffer, name?: string | Buffer): Buffer {
  if (Buffer.isBuffer(text)) return text;
  return encodeUtf8(name === undefined ? demandText('the name of a header', text) : demandValue(name, text));
}

function demandValue(name: string | Buffer, value: string): string {
  // What is refused is named then, not each time.
  return typeof value === 'string' ? value : demandText(`the header ${String(name)}`, value);
}

/** obs-fold counts as a space (RFC 9112, section 5.2). */
function unfolded(value: string): string {
  return value.includes('\n') ? value.replace(/\r?\n[ \t]+/g, ' ') : value;
}

/** Whether a text is ASCII without line ends. */
function isOneLine(text: string): boolean {
  return !/[^\0-\x7f]|[\r\n]/.test(text);
}

function isPlain(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** Whether two names are equal but for the case of ASCII letters. */
function sameName(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (lower(a[i]) !== lower(b[i])) return false;
  return true;
}

function lower(byte = 0): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
