import { SpecError } from '../../errors.js';
import { declareClause, PlainClause } from '../clause.js';
import { skipSpace, wholeNumber } from '../scan.js';
import type { WholeNumber } from '../scan.js';

/** The length that the frame header claims, whatever the payload (RFC 6455, section 5.2: 64 bits). */
export class PayloadLength extends PlainClause {
  readonly name = 'length';

  constructor(readonly length: WholeNumber) {
    super();
  }

  get spec(): string {
    return `l${String(this.length)}`;
  }
}

const maximum = 2n ** 64n - 1n;

export const payloadLength = declareClause({
  name: 'length',
  unique: 'length',
  syntax: ['l', wholeNumber],
  help: 'Payload length in the frame header, whatever the payload.',
  make: ([length], { spec, at }) => {
    if (length > maximum) {
      throw new SpecError(
        `a payload length must be between 0 and ${String(maximum)}`,
        { spec, offset: skipSpace(spec, at), expected: ['a number below 2^64'] },
        'ERR_SPEC_RANGE',
      );
    }
    return new PayloadLength(length);
  },
});
