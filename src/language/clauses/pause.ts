import { declareClause, PlainClause } from '../clause.js';
import type { ActionClause, Clause, ResolveContext } from '../clause.js';
import { offset, resolveOffset } from '../offset.js';
import type { Offset } from '../offset.js';
import { digits, scanDigits, scanWord, wholeNumber } from '../scan.js';
import type { Part, WholeNumber } from '../scan.js';

/** Seconds, those with a fraction as canonical text: `0.5`. */
type Seconds = WholeNumber | `${string}.${string}`;

/** Stop sending for some seconds, or for good, at an offset. */
export class Pause extends PlainClause implements ActionClause {
  readonly name = 'pauseat';

  constructor(
    readonly offset: Offset,
    readonly seconds: Seconds | 'f',
  ) {
    super();
  }

  get spec(): string {
    return `p${String(this.offset)},${String(this.seconds)}`;
  }

  get action(): ActionClause['action'] {
    return { do: 'pause', seconds: this.seconds === 'f' ? 'forever' : Number(this.seconds) };
  }

  resolve(context: ResolveContext): Clause {
    return new Pause(resolveOffset(this.offset, context, context.random), this.seconds);
  }
}

const duration: Part<Seconds | 'f'> = {
  label: 'SECONDS',
  expected: 'a number of seconds, or f (forever)',
  starts: `${digits}f`,
  scan(text, at) {
    const forever = scanWord(text, at, 'f', false);
    if (forever) return { value: 'f', end: forever.end };
    const whole = wholeNumber.scan(text, at);
    // A fraction stands right behind its point: white space would begin something else.
    const isPoint = whole && text.charAt(whole.end) === '.' && digits.includes(text.charAt(whole.end + 1) || ' ');
    const fraction = isPoint ? scanDigits(text, whole.end + 1) : undefined;
    if (!fraction) return whole;
    const significant = fraction.value.replace(/0+$/, '');
    if (significant === '') return { value: whole?.value ?? 0, end: fraction.end };
    return { value: `${String(whole?.value)}.${significant}`, end: fraction.end };
  },
};

export const pause = declareClause({
  name: 'pauseat',
  syntax: ['p', offset, ',', duration],
  help: 'Pause for SECONDS, a number such as 2 or 0.5, or f (forever), at OFFSET.',
  make: ([at, seconds]) => new Pause(at, seconds),
});
