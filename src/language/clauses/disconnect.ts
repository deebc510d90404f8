import { declareClause, PlainClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';

/** Close the connection at an offset. */
export class Disconnect extends PlainClause implements ActionClause {
  readonly name = 'disconnectat';
  readonly action: ActionClause['action'] = { do: 'disconnect' };

  constructor(readonly offset: Offset) {
    super();
  }

  get spec(): string {
    return `d${String(this.offset)}`;
  }

  resolve({ length, random }: ResolveContext): Clause {
    return new Disconnect(resolveOffset(this.offset, length, random));
  }
}

export const disconnect = declareClause({
  name: 'disconnectat',
  unique: 'disconnectat',
  syntax: ['d', offset],
  help: 'Disconnect at OFFSET. Nothing after it is sent.',
  make: ([at]) => new Disconnect(at),
});
