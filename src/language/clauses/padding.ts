import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber } from '../named-number.js';
import { scanWord } from '../scan.js';
import type { Part } from '../scan.js';

/** Padding of an HTTP/2 frame (RFC 9113, section 6.1): so many zero bytes, and the number that the frame tells. */
export class Padding extends PlainClause {
  readonly name = 'padding';

  constructor(
    readonly length: number,
    /** What the frame claims, 0 to 255. */
    readonly claimed: number = length,
  ) {
    super();
  }

  get spec(): string {
    return `pad${String(this.length)}${this.claimed === this.length ? '' : `,${String(this.claimed)}`}`;
  }
}

const byte = boundedNumber({ label: 'N', subject: 'the length of padding', maximum: 255 });

/** `5`, or `5,200` for a frame that lies. */
const lengths: Part<readonly [length: number, claimed: number]> = {
  label: 'N[,CLAIMED]',
  expected: 'a number of bytes up to 255, and if need be another one to claim',
  starts: byte.starts,
  scan(text, at) {
    const length = byte.scan(text, at);
    if (!length) return undefined;
    const comma = scanWord(text, length.end, ',', false);
    if (!comma) return { value: [length.value, length.value], end: length.end };
    const claimed = byte.scan(text, comma.end);
    return claimed && { value: [length.value, claimed.value], end: claimed.end };
  },
};

export const padding = declareClause({
  name: 'padding',
  unique: 'padding',
  syntax: ['pad', lengths],
  help: 'Add N bytes of padding and PADDED; claim another number with pad5,200.',
  make: ([[length, claimed]]) => new Padding(length, claimed),
});
