import { ProtocolError } from '../errors.js';
import type { HeaderField } from './header-field.js';
import { fieldSize } from './header-field.js';
import { DynamicTable } from './hpack-dynamic-table.js';
import { decodeHuffman } from './hpack-huffman.js';
import { IntegerCursor } from './hpack-integer.js';
import { staticTable } from './hpack-static-table.js';

const staticFields: readonly HeaderField[] = staticTable.map(([name, value]) => ({ name, value, neverIndexed: false }));

/** Bounds of an {@link HpackDecoder}. */
export interface HpackDecoderOptions {
  /** What we announce as SETTINGS_HEADER_TABLE_SIZE, in bytes. Default: 4096. */
  readonly maximumTableSize?: number;
  /** Bytes of a header list, each field counting 32 more (RFC 9113, section 6.5.2). Default: 64 KiB. */
  readonly maximumListSize?: number;
}

/**
 * A header list is longer than the bound. The block was read to its end all the same, so the decoder
 * is still in step with its peer and can go on.
 */
export class HeaderListTooLong extends ProtocolError {}

/** Header lists out of header blocks (RFC 7541, section 3), in the order in which the blocks were sent. */
export class HpackDecoder {
  private readonly table: DynamicTable;
  private readonly maximumListSize: number;
  private limit: number;
  /** The limit fell below the size in use: the next block must begin by saying so. */
  private updateDue = false;

  constructor({ maximumTableSize = 4096, maximumListSize = 65536 }: HpackDecoderOptions = {}) {
    this.limit = maximumTableSize;
    this.maximumListSize = maximumListSize;
    // The peer starts from 4096 and has to say when it uses another size (RFC 7541, section 4.2).
    this.table = new DynamicTable(Math.min(4096, maximumTableSize));
  }

  /** Bytes in use by the dynamic table. */
  get tableSize(): number {
    return this.table.size;
  }

  /** Changes the limit of the dynamic table, once the peer has acknowledged it (RFC 7541, section 4.2). */
  setMaximumTableSize(bytes: number): void {
    this.limit = bytes;
    if (bytes < this.table.capacity) this.updateDue = true;
  }

  /**
   * The header list of a whole block.
   * @throws {HeaderListTooLong} for a list over the bound
   * @throws {ProtocolError} for a block that is not valid; the decoder cannot be used any more
   */
  decode(block: Buffer): HeaderField[] {
    const cursor = new IntegerCursor(block);
    const fields: HeaderField[] = [];
    this.readSizeUpdates(cursor);
    let size = 0;
    while (cursor.at < block.length) {
      const field = this.readField(cursor, block[cursor.at] ?? 0);
      size += fieldSize(field);
      if (size <= this.maximumListSize) fields.push(field);
    }
    if (size > this.maximumListSize) {
      throw new HeaderListTooLong(`a header list of ${size} bytes is more than ${this.maximumListSize}`);
    }
    return fields;
  }

  private readSizeUpdates(cursor: IntegerCursor): void {
    while (((cursor.block[cursor.at] ?? 0) & 0xe0) === 0x20) {
      const size = cursor.readInteger(5);
      if (size > this.limit) {
        throw new ProtocolError(`an HPACK dynamic table size of ${size} bytes is more than ${this.limit}`);
      }
      this.table.resize(size);
      this.updateDue = false;
    }
    if (this.updateDue) throw new ProtocolError('an HPACK block does not begin with the table size update that is due');
  }

  private readField(cursor: IntegerCursor, first: number): HeaderField {
    if (first & 0x80) return this.indexed(cursor.readInteger(7));
    if ((first & 0xe0) === 0x20) {
      throw new ProtocolError('an HPACK table size update stands behind a field');
    }
    const incremental = (first & 0x40) !== 0;
    const index = cursor.readInteger(incremental ? 6 : 4);
    const name = index === 0 ? readString(cursor) : this.indexed(index).name;
    const field = { name, value: readString(cursor), neverIndexed: !incremental && (first & 0x10) !== 0 };
    if (incremental) this.table.add(field);
    return field;
  }

  private indexed(index: number): HeaderField {
    const field = index > 61 ? this.table.at(index - 61) : staticFields[index - 1];
    if (field === undefined) {
      throw new ProtocolError(`HPACK index ${index} is not among the ${61 + this.table.length} of the tables`);
    }
    return field;
  }
}

/** A string (RFC 7541, section 5.2). */
function readString(cursor: IntegerCursor): string {
  const { block } = cursor;
  const huffman = ((block[cursor.at] ?? 0) & 0x80) !== 0;
  const length = cursor.readInteger(7);
  const from = cursor.at;
  const to = from + length;
  if (to > block.length) {
    throw new ProtocolError(`an HPACK string of ${length} bytes has only ${block.length - from} in its block`);
  }
  cursor.at = to;
  return huffman ? decodeHuffman(block, from, to) : block.toString('latin1', from, to);
}
