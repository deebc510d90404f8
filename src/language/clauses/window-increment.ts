import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber } from '../named-number.js';

/** The increment of a window, with its reserved bit: 32 bits (RFC 9113, section 6.9). */
export class WindowIncrement extends PlainClause {
  readonly name = 'increment';

  constructor(readonly increment: number) {
    super();
  }

  get spec(): string {
    return `increment${String(this.increment)}`;
  }
}

export const windowIncrement = declareClause({
  name: 'increment',
  unique: 'increment',
  syntax: ['increment', boundedNumber({ label: 'INTEGER', subject: 'a window increment', maximum: 0xffffffff })],
  help: 'Increment of the window (window_update). Default: 65535.',
  make: ([increment]) => new WindowIncrement(increment),
});
