import { declareClause } from '../clause.js';
import type { Clause, EditClause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { value } from '../values.js';
import type { Value } from '../values.js';

/** Send other bytes in place of those at an offset. */
export class Overwrite implements EditClause {
  readonly name = 'overwriteat';
  readonly edit: EditClause['edit'] = { do: 'overwrite' };

  constructor(
    readonly offset: Offset,
    readonly value: Value,
  ) {}

  get spec(): string {
    return `o${String(this.offset)},${this.value.spec}`;
  }

  get values(): readonly Value[] {
    return [this.value];
  }

  withValues([written]: readonly Value[]): Clause {
    return written ? new Overwrite(this.offset, written) : this;
  }

  resolve(context: ResolveContext): Clause {
    return new Overwrite(resolveOffset(this.offset, context, context.random), this.value);
  }
}

export const overwrite = declareClause({
  name: 'overwriteat',
  syntax: ['o', offset, ',', value],
  help: 'Overwrite the bytes at OFFSET with VALUE. What would stand behind the end is left out.',
  make: ([at, written]) => new Overwrite(at, written),
});
