import type { BlockPart } from '../../wire/hpack-encoder.js';
import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber } from '../named-number.js';

/** Something in a header block that is no field written out. */
export abstract class HpackInstruction extends PlainClause {
  /** For the encoder. */
  abstract readonly part: BlockPart;
}

/** A whole field by its index, whether any table has it or not (RFC 7541, section 6.1). */
class IndexedField extends HpackInstruction {
  readonly name = 'index';
  readonly part: BlockPart;

  constructor(private readonly index: number) {
    super();
    this.part = { index };
  }

  get spec(): string {
    return `index${String(this.index)}`;
  }
}

/** A dynamic table size update, allowed there or not (RFC 7541, section 6.3). */
class TableSize extends HpackInstruction {
  readonly name = 'table';
  readonly part: BlockPart;

  constructor(private readonly size: number) {
    super();
    this.part = { tableSize: size };
  }

  get spec(): string {
    return `table${String(this.size)}`;
  }
}

export const indexedField = declareClause({
  name: 'index',
  syntax: ['index', boundedNumber({ label: 'INTEGER', subject: 'an index', maximum: 0xffffffff })],
  help: 'Add a field to the header block by its index, whether any table has it or not.',
  make: ([index]) => new IndexedField(index),
});

export const tableSize = declareClause({
  name: 'table',
  syntax: ['table', boundedNumber({ label: 'INTEGER', subject: 'a table size', maximum: 0xffffffff })],
  help: 'Add a dynamic table size update to the header block.',
  make: ([size]) => new TableSize(size),
});
