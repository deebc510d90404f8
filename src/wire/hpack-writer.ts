import { encodeHuffman, huffmanLength } from './hpack-huffman.js';

/** When a string is written in the Huffman code; `auto`: when that makes it shorter. */
export type HuffmanMode = 'auto' | 'on' | 'off';

/** Writes the integers and strings of a header block (RFC 7541, section 5). */
export class HpackWriter {
  private memory = Buffer.allocUnsafe(512);
  private at = 0;

  /**
   * Appends an integer whose first byte shares its byte with a pattern (RFC 7541, section 5.1).
   * @param value 0 to 2^53 - 1
   * @param pattern the bits above the prefix, such as 0x80 for an indexed field
   * @param prefix bits of the prefix, 1 to 8
   * @param extra bytes more than needed, to make it over-long. An integer that fits its prefix cannot be.
   */
  integer(value: number, pattern: number, prefix: number, extra = 0): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${value} is no integer that HPACK can write`);
    this.reserve(10 + extra);
    const { memory } = this;
    const full = (1 << prefix) - 1;
    if (value < full) {
      memory[this.at++] = pattern | value;
      return;
    }
    memory[this.at++] = pattern | full;
    let rest = value - full;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) memory[this.at++] = 0x80 | (rest % 0x80);
    memory[this.at++] = extra > 0 ? 0x80 | rest : rest;
    for (let i = 1; i <= extra; i++) memory[this.at++] = i < extra ? 0x80 : 0;
  }

  /** Appends a string (RFC 7541, section 5.2). */
  string(text: string, huffman: HuffmanMode, extra = 0): void {
    const plain = Buffer.from(text, 'latin1');
    const coded = huffman === 'on' || (huffman === 'auto' && huffmanLength(plain) < plain.length);
    const bytes = coded ? encodeHuffman(plain) : plain;
    this.integer(bytes.length, coded ? 0x80 : 0, 7, extra);
    this.bytes(bytes);
  }

  /** Appends bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.memory.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** A copy of all that was written; the writer is empty again. */
  take(): Buffer {
    const block = Buffer.from(this.memory.subarray(0, this.at));
    this.at = 0;
    if (this.memory.length > 65536) this.memory = Buffer.allocUnsafe(512);
    return block;
  }

  private reserve(length: number): void {
    if (this.at + length <= this.memory.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.at + length));
    grown.set(this.memory.subarray(0, this.at));
    this.memory = grown;
  }
}
