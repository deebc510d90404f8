import { declareClause, PlainClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { bytesPerSecond } from '../size.js';
import type { Size } from '../size.js';

/** Send no faster than so many bytes a second from an offset on. */
export class Rate extends PlainClause implements ActionClause {
  readonly name = 'rateat';
  readonly action: ActionClause['action'];

  constructor(
    readonly offset: Offset,
    readonly rate: Size,
  ) {
    super();
    this.action = { do: 'rate', bytesPerSecond: rate.bytes };
  }

  get spec(): string {
    return `w${String(this.offset)},${this.rate.spec}`;
  }

  resolve(context: ResolveContext): Clause {
    return new Rate(resolveOffset(this.offset, context, context.random), this.rate);
  }
}

export const rate = declareClause({
  name: 'rateat',
  syntax: ['w', offset, ',', bytesPerSecond],
  help: 'From OFFSET on, send at most RATE bytes a second: 100, 2k. What is injected counts.',
  make: ([at, limit]) => new Rate(at, limit),
});
