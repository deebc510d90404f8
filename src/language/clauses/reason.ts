import { declareClause, ValueClause } from '../clause.js';
import { nakedValue } from '../values.js';
import type { Value } from '../values.js';

/** The reason phrase of a response. */
export class Reason extends ValueClause {
  readonly name = 'reason';
  protected readonly lead = 'm';

  protected with(value: Value): Reason {
    return new Reason(value);
  }
}

export const reason = declareClause({
  name: 'reason',
  unique: 'reason',
  syntax: ['m', nakedValue],
  help: 'Reason phrase. Without it, the one that goes with the code.',
  make: ([value]) => new Reason(value),
});
