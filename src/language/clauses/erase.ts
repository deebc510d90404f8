import { declareClause, PlainClause } from '../clause.js';
import type { Clause, EditClause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { wholeNumber } from '../scan.js';
import type { WholeNumber } from '../scan.js';

/** Leave out bytes at an offset. */
export class Erase extends PlainClause implements EditClause {
  readonly name = 'eraseat';

  constructor(
    readonly offset: Offset,
    readonly count: WholeNumber,
  ) {
    super();
  }

  get edit(): EditClause['edit'] {
    return { do: 'erase', count: Number(this.count) };
  }

  get spec(): string {
    return `e${String(this.offset)},${String(this.count)}`;
  }

  resolve(context: ResolveContext): Clause {
    return new Erase(resolveOffset(this.offset, context, context.random), this.count);
  }
}

export const erase = declareClause({
  name: 'eraseat',
  syntax: ['e', offset, ',', { ...wholeNumber, label: 'N' }],
  help: 'Erase N bytes from OFFSET on: they are not sent.',
  make: ([at, count]) => new Erase(at, count),
});
