import { SpecError } from '../../errors.js';
import { declareClause, PlainClause } from '../clause.js';
import { skipSpace, wholeNumber } from '../scan.js';
import type { WholeNumber } from '../scan.js';

/** Messages that one spec may stand for, its repetitions counted. */
export const maximumMessages = 1_000_000;

/** `xN`: the message stands for N equal ones. */
export class Times extends PlainClause {
  readonly name = 'times';

  constructor(readonly count: WholeNumber) {
    super();
  }

  get spec(): string {
    return `x${String(this.count)}`;
  }
}

export const times = declareClause({
  name: 'times',
  unique: 'times',
  syntax: ['x', wholeNumber],
  help: 'Repeat this message so many times.',
  make: ([count], { spec, at }) => {
    if (count <= maximumMessages) return new Times(count);
    throw new SpecError(
      `a message can be repeated at most ${String(maximumMessages)} times`,
      { spec, offset: skipSpace(spec, at), expected: [`a number up to ${String(maximumMessages)}`] },
      'ERR_SPEC_LIMIT',
    );
  },
});
