/**
 * Writes tagged netstrings from the end of its memory back, so that lengths are known when they are written:
 * what is put in last stands first.
 */
import { demandText, refusal } from '../message/demand.js';
import { encodeUtf8 } from '../message/utf8.js';
import { encodePythonFloat } from './python-number.js';

/** Pieces up to this length are moved byte by byte: a call into the platform costs more. */
const shortPiece = 64;
/** Memory that is kept for what is written next. */
const keptMemory = 256 * 1024;

/** What a tag and a length with its colon need at most. */
const room = 24;

/** How what is refused is called: which member it is, is not known here. */
const textMember = 'a member that holds text';

const hash = 0x23;
const comma = 0x2c;
const zero = 0x30;
const colon = 0x3a;
const semicolon = 0x3b;
const closingBracket = 0x5d;
const caret = 0x5e;
const closingBrace = 0x7d;
const yes = Buffer.from('4:true!');
const no = Buffer.from('5:false!');
const none = Buffer.from('0:~');

export class ItemWriter {
  private memory = Buffer.allocUnsafeSlow(8192);
  private at = this.memory.length;

  /** Bytes written. */
  get length(): number {
    return this.memory.length - this.at;
  }

  /** Forgets what was written. */
  reset(): void {
    if (this.memory.length > keptMemory) this.memory = Buffer.allocUnsafeSlow(8192);
    this.at = this.memory.length;
  }

  /** What was written, until anything else is. */
  get view(): Buffer {
    return this.memory.subarray(this.at);
  }

  /** A copy of what was written since the length was `from`. */
  copy(from = 0): Buffer {
    return Buffer.from(this.memory.subarray(this.at, this.memory.length - from));
  }

  /** Begins a list or dictionary at its end. Gives what {@link close} must be told. */
  open(tag: ']' | '}'): number {
    if (this.at === 0) this.grow(1);
    this.memory[--this.at] = tag === ']' ? closingBracket : closingBrace;
    return this.length;
  }

  /** Ends it at its beginning. */
  close(mark: number): void {
    if (this.at < room) this.grow(room);
    this.putSize(this.at, this.length - mark);
  }

  /** Puts bytes in front that are items already. */
  raw(items: Buffer): void {
    const { length } = items;
    if (this.at < length) this.grow(length);
    this.at -= length;
    const { memory, at } = this;
    if (length > shortPiece) memory.set(items, at);
    else for (let i = 0; i < length; i++) memory[at + i] = items[i] ?? 0;
  }

  /**
   * Puts bytes in front, or a part of them.
   * @throws {TypeError} for what is no Buffer: its length says nothing of what there is to copy
   */
  bytes(payload: Buffer, start = 0, until?: number): void {
    if (!Buffer.isBuffer(payload)) throw refusal('a member that holds bytes', 'a Buffer', payload);
    const end = until ?? payload.length;
    const length = end - start;
    if (this.at < length + room) this.grow(length + room);
    const { memory } = this;
    const from = this.at - 1 - length;
    memory[from + length] = comma;
    if (length > shortPiece) payload.copy(memory, from, start, end);
    else for (let i = 0; i < length; i++) memory[from + i] = payload[start + i] ?? 0;
    this.putSize(from, length);
  }

  /** Puts text in front, as bytes. No byte that {@link encodeUtf8} knows of is lost. @throws {TypeError} for what is no text */
  textBytes(payload: string): void {
    if (!this.putAscii(demandText(textMember, payload), comma)) this.bytes(encodeUtf8(payload));
  }

  /** Puts text in front. @throws {TypeError} for what is no text */
  text(payload: string): void {
    if (this.putAscii(demandText(textMember, payload), semicolon)) return;
    const length = Buffer.byteLength(payload);
    if (this.at < length + room) this.grow(length + room);
    const from = this.at - 1 - length;
    this.memory[from + length] = semicolon;
    this.memory.write(payload, from, 'utf8');
    this.putSize(from, length);
  }

  integer(value: bigint | number): void {
    // BigInt refuses what is no integer.
    this.putAscii(String(Number.isSafeInteger(value) ? value : BigInt(value)), hash);
  }

  number(value: number): void {
    this.putAscii(encodePythonFloat(value), caret);
  }

  truth(value: boolean): void {
    this.raw(value ? yes : no);
  }

  nothing(): void {
    this.raw(none);
  }

  /** Puts a text that is ASCII in front, with its tag and length; gives whether it is. */
  private putAscii(payload: string, tag: number): boolean {
    const { length } = payload;
    if (this.at < length + room) this.grow(length + room);
    const { memory } = this;
    const from = this.at - 1 - length;
    for (let i = 0; i < length; i++) {
      const code = payload.charCodeAt(i);
      if (code > 0x7f) return false;
      memory[from + i] = code;
    }
    memory[from + length] = tag;
    this.putSize(from, length);
    return true;
  }

  /** Puts a length and its colon before `before`, where room was made for them. */
  private putSize(before: number, length: number): void {
    const { memory } = this;
    let at = before;
    memory[--at] = colon;
    let rest = length;
    while (rest > 9) {
      const tenth = Math.floor(rest / 10);
      memory[--at] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    memory[--at] = zero + rest;
    this.at = at;
  }

  /** Makes sure that so many bytes can be put in front. */
  private grow(length: number): void {
    const used = this.length;
    const grown = Buffer.allocUnsafeSlow(2 * (this.memory.length + length));
    this.memory.copy(grown, grown.length - used, this.at);
    this.memory = grown;
    this.at = grown.length - used;
  }
}
