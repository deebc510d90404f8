import { declareClause, PlainClause } from '../clause.js';
import { wholeNumber } from '../scan.js';
import type { WholeNumber } from '../scan.js';

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
  make: ([count]) => new Times(count),
});
