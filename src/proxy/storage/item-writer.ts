/**
 * Writes tagged netstrings from the end of its memory back, so that lengths are known when they are written:
 * what is put in last stands first. What was taken stays where it is, and the next is written before it.
 *
 *     | free                        | being written | taken        | taken before |
 *     0                             at              end
 */
import { encodeUtf8 } from '../message/utf8.js';
import { encodePythonFloat } from './python-number.js';

/** Pieces up to this length are moved byte by byte: a call into the platform costs more. */
const shortPiece = 64;
/** Memory that is got at once. */
const slab = 64 * 1024;

const colon = 0x3a;
const comma = 0x2c;
const semicolon = 0x3b;
const zero = 0x30;

export class ItemWriter {
  private memory = Buffer.alloc(0);
  private end = 0;
  private at = 0;

  /** Bytes written since the last {@link take}. */
  get length(): number {
    return this.end - this.at;
  }

  /** Forgets what was written since then. */
  reset(): void {
    this.at = this.end;
  }

  /** A copy of what was written since the length was `from`. */
  copy(from: number): Buffer {
    return Buffer.from(this.memory.subarray(this.at, this.end - from));
  }

  /** What was written; nobody writes to it any more. */
  take(): Buffer {
    const taken = this.memory.subarray(this.at, this.end);
    this.end = this.at;
    return taken;
  }

  /** Begins a list or dictionary at its end. Gives what {@link close} must be told. */
  open(tag: ']' | '}'): number {
    this.byte(tag.charCodeAt(0));
    return this.length;
  }

  /** Ends it at its beginning. */
  close(mark: number): void {
    this.size(this.length - mark);
  }

  /** Puts bytes in front that are items already. */
  raw(items: Buffer): void {
    this.piece(items, 0, items.length);
  }

  /** Puts bytes in front, or a part of them. */
  bytes(payload: Buffer, start = 0, end = payload.length): void {
    this.byte(comma);
    this.piece(payload, start, end);
    this.size(end - start);
  }

  /** Puts text in front, as bytes. No byte that {@link encodeUtf8} knows of is lost. */
  textBytes(payload: string): void {
    if (!this.ascii(payload, comma)) this.bytes(encodeUtf8(payload));
  }

  /** Puts text in front. */
  text(payload: string): void {
    if (this.ascii(payload, semicolon)) return;
    this.byte(semicolon);
    const length = Buffer.byteLength(payload);
    this.reserve(length);
    this.memory.write(payload, this.at, 'utf8');
    this.size(length);
  }

  integer(value: bigint | number): void {
    // BigInt refuses what is no integer.
    this.digits(String(Number.isSafeInteger(value) ? value : BigInt(value)), '#');
  }

  number(value: number): void {
    this.digits(encodePythonFloat(value), '^');
  }

  truth(value: boolean): void {
    this.plain(value ? '4:true!' : '5:false!');
  }

  nothing(): void {
    this.plain('0:~');
  }

  private digits(payload: string, tag: '#' | '^'): void {
    this.plain(tag);
    this.plain(payload);
    this.size(payload.length);
  }

  /** Puts a text that is ASCII in front, with its tag and length; gives whether it is. */
  private ascii(payload: string, tag: number): boolean {
    const { length } = payload;
    this.reserve(length + 1);
    const { memory, at } = this;
    for (let i = 0; i < length; i++) {
      const code = payload.charCodeAt(i);
      if (code > 0x7f) {
        this.at = at + length + 1;
        return false;
      }
      memory[at + i] = code;
    }
    memory[at + length] = tag;
    this.size(length);
    return true;
  }

  /** Puts text in front that is known to be ASCII. */
  private plain(text: string): void {
    this.reserve(text.length);
    const { memory, at } = this;
    for (let i = 0; i < text.length; i++) memory[at + i] = text.charCodeAt(i);
  }

  private piece(from: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    const { memory, at } = this;
    if (end - start > shortPiece) from.copy(memory, at, start, end);
    else for (let i = start, to = at; i < end; i++, to++) memory[to] = from[i] ?? 0;
  }

  /** Puts a length and its colon in front. */
  private size(length: number): void {
    this.byte(colon);
    let rest = length;
    do {
      this.byte(zero + (rest % 10));
      rest = Math.floor(rest / 10);
    } while (rest > 0);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.memory[this.at] = value;
  }

  private reserve(length: number): void {
    if (length > this.at) this.grow(length);
    this.at -= length;
  }

  private grow(length: number): void {
    const used = this.length;
    const grown = Buffer.allocUnsafeSlow(Math.max(slab, 2 * (used + length)));
    this.memory.copy(grown, grown.length - used, this.at, this.end);
    this.at = grown.length - used;
    this.end = grown.length;
    this.memory = grown;
  }
}
