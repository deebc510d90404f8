import { declareClause, PlainClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import type { Disconnection } from '../plan.js';
import { scanWord } from '../scan.js';
import type { Part } from '../scan.js';

/** Close the connection, or only our side of it, at an offset. */
export class Disconnect extends PlainClause implements ActionClause {
  readonly name = 'disconnectat';

  constructor(
    readonly offset: Offset,
    readonly how?: Disconnection,
  ) {
    super();
  }

  get spec(): string {
    return `d${String(this.offset)}${this.how === undefined ? '' : `,${this.how}`}`;
  }

  get action(): ActionClause['action'] {
    return this.how === undefined ? { do: 'disconnect' } : { do: 'disconnect', how: this.how };
  }

  resolve(context: ResolveContext): Clause {
    return new Disconnect(resolveOffset(this.offset, context, context.random), this.how);
  }
}

/** `,rst` or `,fin`, or nothing. */
const manner: Part<Disconnection | undefined> = {
  label: '[,rst|,fin]',
  expected: 'rst or fin',
  starts: ',',
  scan(text, at) {
    const comma = scanWord(text, at, ',', false);
    if (!comma) return { value: undefined, end: at };
    for (const value of ['rst', 'fin'] as const) {
      const scanned = scanWord(text, comma.end, value, false);
      if (scanned) return { value, end: scanned.end };
    }
    return undefined;
  },
};

export const disconnect = declareClause({
  name: 'disconnectat',
  unique: 'disconnectat',
  syntax: ['d', offset, manner],
  help: 'Disconnect at OFFSET; nothing after it is sent. rst: with a TCP reset. fin: end our side only, and go on reading.',
  make: ([at, how]) => new Disconnect(at, how),
});
