import { declareClause, PlainClause } from '../clause.js';
import { codings, isCoding } from '../content-coding.js';
import type { Coding } from '../content-coding.js';
import { oneOf } from '../scan.js';

/** The body is sent encoded (RFC 9110, section 8.4). */
export class ContentCoding extends PlainClause {
  readonly name = 'coding';

  constructor(readonly coding: Coding) {
    super();
  }

  get spec(): string {
    return `z${this.coding}`;
  }
}

export const contentCoding = declareClause({
  name: 'coding',
  unique: 'coding',
  syntax: ['z', oneOf(codings, { label: 'CODING' })],
  help: `Encode the body: ${codings.join(', ')}. Adds Content-Encoding.`,
  make: ([coding]) => {
    if (!isCoding(coding)) throw new TypeError(`no coding is called ${coding}`);
    return new ContentCoding(coding);
  },
});
