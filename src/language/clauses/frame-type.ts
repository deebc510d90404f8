import { frameTypes } from '../../wire/http2-registry.js';
import { declareClause, PlainClause } from '../clause.js';
import { namedNumber } from '../named-number.js';
import type { NamedNumber } from '../named-number.js';

/** The type of an HTTP/2 frame: a name, or a number from 0 to 255. */
export class FrameType extends PlainClause {
  readonly name = 'type';
  readonly number: number;
  readonly spec: string;

  constructor({ number, spec }: NamedNumber) {
    super();
    this.number = number;
    this.spec = `t${spec}`;
  }
}

const type = namedNumber(frameTypes, { label: 'TYPE', noun: 'frame type', maximum: 0xff });

export const frameType = declareClause({
  name: 'type',
  unique: 'type',
  syntax: ['t', type],
  help: `Type: ${Object.keys(frameTypes).join(', ')} or a number such as 0x42. Default: data.`,
  make: ([written]) => new FrameType(written),
});
