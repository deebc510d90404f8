import { declareClause, PlainClause } from '../clause.js';
import { word } from '../scan.js';

/** The reserved bit above the stream id (RFC 9113, section 4.1). */
export class ReservedBit extends PlainClause {
  readonly name = 'reserved';
  readonly spec = 'reserved';
}

export const reservedBit = declareClause({
  name: 'reserved',
  unique: 'reserved',
  syntax: [{ ...word('reserved'), words: ['reserved'] }],
  help: 'Set the reserved bit above the stream id.',
  make: () => new ReservedBit(),
});
