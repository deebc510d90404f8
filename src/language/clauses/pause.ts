import { declareClause, PlainClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { digits, scanWord, wholeNumber } from '../scan.js';
import type { Part, WholeNumber } from '../scan.js';

/** Stop sending for some seconds, or for good, at an offset. */
export class Pause extends PlainClause implements ActionClause {
  readonly name = 'pauseat';

  constructor(
    readonly offset: Offset,
    readonly seconds: WholeNumber | 'f',
  ) {
    super();
  }

  get spec(): string {
    return `p${String(this.offset)},${String(this.seconds)}`;
  }

  get action(): ActionClause['action'] {
    return { do: 'pause', seconds: this.seconds === 'f' ? 'forever' : Number(this.seconds) };
  }

  resolve({ length, random }: ResolveContext): Clause {
    return new Pause(resolveOffset(this.offset, length, random), this.seconds);
  }
}

const duration: Part<WholeNumber | 'f'> = {
  label: 'SECONDS',
  expected: 'a whole number of seconds, or f (forever)',
  starts: `${digits}f`,
  scan(text, at) {
    const forever = scanWord(text, at, 'f', false);
    return forever ? { value: 'f', end: forever.end } : wholeNumber.scan(text, at);
  },
};

export const pause = declareClause({
  name: 'pauseat',
  syntax: ['p', offset, ',', duration],
  help: 'Pause for SECONDS, a whole number or f (forever), at OFFSET.',
  make: ([at, seconds]) => new Pause(at, seconds),
});
