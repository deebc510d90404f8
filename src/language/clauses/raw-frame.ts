import { declareClause, PlainClause } from '../clause.js';
import { word } from '../scan.js';

/** `h2f`: the message is a raw HTTP/2 frame. */
export class RawFrame extends PlainClause {
  readonly name = 'h2f';
  readonly spec = 'h2f';
}

export const rawFrame = declareClause({
  name: 'h2f',
  unique: 'h2f',
  syntax: [word('h2f', { caseless: true })],
  help: 'A raw HTTP/2 frame.',
  make: () => new RawFrame(),
});
