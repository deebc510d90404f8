import type { HeaderField } from './header-field.js';
import { DynamicTable } from './hpack-dynamic-table.js';
import { staticTable } from './hpack-static-table.js';
import type { HuffmanMode } from './hpack-writer.js';
import { HpackWriter } from './hpack-writer.js';

/**
 * How a field is written (RFC 7541, section 6). `auto`: as an index when a table has the whole field, else
 * with incremental indexing. `static`: the dynamic table is left alone, so that a list always gives the same
 * bytes: an index when the static table has the whole field, else a literal without indexing. The others are
 * always literals, whatever the tables have.
 */
export type IndexingMode = 'auto' | 'static' | 'incremental' | 'without' | 'never';

/** How fields are written. */
export interface FieldCoding {
  /** Default: `auto`. */
  readonly indexing?: IndexingMode;
  /** Of name and value. Default: `auto`. */
  readonly huffman?: HuffmanMode;
  /**
   * How a literal names its field: by index when a table has the name (`auto`), always in letters
   * (`literal`), or by this index, whether a table has it or not. Default: `auto`.
   */
  readonly name?: 'auto' | 'literal' | number;
  /** Bytes by which each integer that does not fit its prefix is longer than need be. Default: 0. */
  readonly overlong?: number;
}

/** A field to be written. Text has a character a byte (latin1); nothing is validated or lower-cased. */
export interface FieldPart {
  readonly name: string | Uint8Array;
  readonly value: string | Uint8Array;
  /** As a decoded {@link HeaderField} has it: never indexed, unless `coding` names a mode. */
  readonly neverIndexed?: boolean;
  readonly coding?: FieldCoding;
}

/** What a header block is made of: fields, and things that are written just as they are said. */
export type BlockPart =
  | FieldPart
  /** An indexed field, whether a table has it or not (section 6.1). */
  | { readonly index: number; readonly overlong?: number }
  /** A dynamic table size update, allowed here or not (section 6.3). Our own table follows it. */
  | { readonly tableSize: number; readonly overlong?: number }
  /** Any bytes. */
  | { readonly raw: Uint8Array };

/** Names of the static table, each with its first index, and the values that it is there with. */
const staticNames = new Map<string, { readonly index: number; readonly values: Map<string, number> }>();
staticTable.forEach(([name, value], i) => {
  const known = staticNames.get(name) ?? { index: i + 1, values: new Map<string, number>() };
  staticNames.set(name, known);
  known.values.set(value, i + 1);
});

/** Header blocks out of header lists; the order of the blocks on the wire must be that of the calls. */
export class HpackEncoder {
  private readonly table: DynamicTable;
  private readonly writer = new HpackWriter();
  /** Serial numbers of the newest entry of each field, and of each name. */
  private readonly serials = new Map<string, number>();
  private readonly nameSerials = new Map<string, number>();
  private added = 0;
  private evicted = 0;
  /** Sizes to announce at the start of the next block: the smallest meanwhile, and the last. */
  private announce: { smallest: number; last: number } | undefined;

  /** @param tableSize bytes of the dynamic table; the peer assumes 4096 until told otherwise */
  constructor(tableSize = 4096) {
    this.table = new DynamicTable(4096, (field) => {
      this.forget(field);
    });
    if (tableSize !== 4096) this.setTableSize(tableSize);
  }

  /** Bytes in use by the dynamic table. */
  get tableSize(): number {
    return this.table.size;
  }

  /**
   * Changes the capacity of the dynamic table, in bytes. The next block begins with the updates that RFC 7541,
   * section 4.2, asks for: the smallest size since the last block, and the size that holds.
   */
  setTableSize(bytes: number): void {
    this.announce = { smallest: Math.min(bytes, this.announce?.smallest ?? bytes), last: bytes };
    this.table.resize(bytes);
  }

  /** Whether the next block has to begin with a table size update. */
  get updateIsDue(): boolean {
    return this.announce !== undefined;
  }

  /** Bytes that the dynamic table may use. */
  get capacity(): number {
    return this.table.capacity;
  }

  /**
   * The header block of these parts.
   * @param coding what holds for each field that does not say otherwise
   * @throws {TypeError} for a number that no integer of HPACK can be
   */
  encode(parts: Iterable<BlockPart>, coding: FieldCoding = {}): Buffer {
    const { writer, announce } = this;
    this.announce = undefined;
    if (announce && announce.smallest < announce.last) writer.integer(announce.smallest, 0x20, 5);
    if (announce) writer.integer(announce.last, 0x20, 5);
    for (const part of parts) this.writePart(part, coding);
    return writer.take();
  }

  private writePart(part: BlockPart, coding: FieldCoding): void {
    const { writer } = this;
    if ('name' in part) this.writeField(part, part.coding ? { ...coding, ...part.coding } : coding);
    else if ('index' in part) writer.integer(part.index, 0x80, 7, part.overlong);
    else if ('raw' in part) writer.bytes(part.raw);
    else {
      writer.integer(part.tableSize, 0x20, 5, part.overlong);
      this.table.resize(part.tableSize);
    }
  }

  private writeField(field: FieldPart, coding: FieldCoding): void {
    const { huffman = 'auto', overlong = 0, name: naming = 'auto' } = coding;
    const indexing = coding.indexing ?? (field.neverIndexed === true ? 'never' : 'auto');
    const name = latin1(field.name);
    const value = latin1(field.value);
    const whole = this.indexOfWhole(name, value, indexing);
    if (whole > 0) {
      this.writer.integer(whole, 0x80, 7, overlong);
      return;
    }
    const index = naming === 'auto' ? this.indexOfName(name, indexing) : naming === 'literal' ? 0 : naming;
    const incremental = indexing === 'auto' || indexing === 'incremental';
    if (incremental) this.writer.integer(index, 0x40, 6, overlong);
    else this.writer.integer(index, indexing === 'never' ? 0x10 : 0, 4, overlong);
    if (index === 0) this.writer.string(name, huffman, overlong);
    this.writer.string(value, huffman, overlong);
    if (incremental) this.remember({ name, value, neverIndexed: false });
  }

  private indexOfWhole(name: string, value: string, indexing: IndexingMode): number {
    if (indexing !== 'auto' && indexing !== 'static') return 0;
    const known = staticNames.get(name)?.values.get(value);
    if (known !== undefined || indexing === 'static') return known ?? 0;
    return this.indexOf(this.serials.get(keyOf(name, value)));
  }

  private indexOfName(name: string, indexing: IndexingMode): number {
    const known = staticNames.get(name)?.index;
    if (known !== undefined || indexing === 'static') return known ?? 0;
    return this.indexOf(this.nameSerials.get(name));
  }

  private indexOf(serial: number | undefined): number {
    return serial === undefined ? 0 : 61 + this.added - serial;
  }

  private remember(field: HeaderField): void {
    if (!this.table.add(field)) return;
    this.serials.set(keyOf(field.name, field.value), this.added);
    this.nameSerials.set(field.name, this.added++);
  }

  private forget(field: HeaderField): void {
    const serial = this.evicted++;
    const key = keyOf(field.name, field.value);
    if (this.serials.get(key) === serial) this.serials.delete(key);
    if (this.nameSerials.get(field.name) === serial) this.nameSerials.delete(field.name);
  }
}

function keyOf(name: string, value: string): string {
  return `${name.length}:${name}${value}`;
}

function latin1(text: string | Uint8Array): string {
  if (typeof text === 'string') return text;
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
}
