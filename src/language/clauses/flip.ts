import { declareClause, PlainClause } from '../clause.js';
import type { Clause, EditClause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';

/** Flip one bit, drawn by chance, of the byte at an offset. */
export class Flip extends PlainClause implements EditClause {
  readonly name = 'flipat';
  readonly edit: EditClause['edit'] = { do: 'flip' };

  constructor(readonly offset: Offset) {
    super();
  }

  get spec(): string {
    return `~${String(this.offset)}`;
  }

  resolve(context: ResolveContext): Clause {
    return new Flip(resolveOffset(this.offset, context, context.random));
  }
}

export const flip = declareClause({
  name: 'flipat',
  syntax: ['~', offset],
  help: 'Flip one bit, drawn by chance, of the byte at OFFSET.',
  make: ([at]) => new Flip(at),
});
