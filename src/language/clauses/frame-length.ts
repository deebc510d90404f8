import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber } from '../named-number.js';

/** The length that the header of an HTTP/2 frame claims, whatever the payload. */
export class FrameLength extends PlainClause {
  readonly name = 'length';

  constructor(readonly length: number) {
    super();
  }

  get spec(): string {
    return `l${String(this.length)}`;
  }
}

export const frameLength = declareClause({
  name: 'length',
  unique: 'length',
  syntax: ['l', boundedNumber({ label: 'INTEGER', subject: 'a frame length', maximum: 0xffffff })],
  help: 'Length in the frame header, up to 16777215, whatever the payload.',
  make: ([length]) => new FrameLength(length),
});
