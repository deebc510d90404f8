import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber } from '../named-number.js';
import { word } from '../scan.js';

/** The weight of a stream: the byte on the wire and 1 (RFC 7540, section 6.3). */
export class Weight extends PlainClause {
  readonly name = 'weight';

  constructor(readonly byte: number) {
    super();
  }

  get spec(): string {
    return `weight${String(this.byte + 1)}`;
  }
}

/** The stream depends on its parent alone (RFC 7540, section 5.3.1). */
export class Exclusive extends PlainClause {
  readonly name = 'exclusive';
  readonly spec = 'exclusive';
}

export const weight = declareClause({
  name: 'weight',
  unique: 'weight',
  syntax: ['weight', boundedNumber({ label: 'INTEGER', subject: 'a weight', minimum: 1, maximum: 256 })],
  help: 'Weight, 1 to 256 (priority, headers). Default: 16.',
  make: ([number]) => new Weight(number - 1),
});

export const exclusive = declareClause({
  name: 'exclusive',
  unique: 'exclusive',
  syntax: [{ ...word('exclusive'), words: ['exclusive'] }],
  help: 'Set the exclusive bit of the dependency (priority, headers).',
  make: () => new Exclusive(),
});
