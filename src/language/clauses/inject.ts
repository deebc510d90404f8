import { declareClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { value } from '../values.js';
import type { Value } from '../values.js';

/** Send extra bytes at an offset. */
export class Inject implements ActionClause {
  readonly name = 'injectat';
  readonly action: ActionClause['action'] = { do: 'inject' };

  constructor(
    readonly offset: Offset,
    readonly value: Value,
  ) {}

  get spec(): string {
    return `i${String(this.offset)},${this.value.spec}`;
  }

  get values(): readonly Value[] {
    return [this.value];
  }

  withValues([injected]: readonly Value[]): Clause {
    return injected ? new Inject(this.offset, injected) : this;
  }

  resolve(context: ResolveContext): Clause {
    return new Inject(resolveOffset(this.offset, context, context.random), this.value);
  }
}

export const inject = declareClause({
  name: 'injectat',
  syntax: ['i', offset, ',', value],
  help: 'Inject VALUE at OFFSET, on top of the bytes of the message.',
  make: ([at, injected]) => new Inject(at, injected),
});
