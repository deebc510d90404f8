import { declareClause, PlainClause } from '../clause.js';
import { word } from '../scan.js';

/** `r`: nothing is added but what the spec says. */
export class Raw extends PlainClause {
  readonly name = 'raw';
  readonly spec = 'r';
}

export const raw = declareClause({
  name: 'raw',
  unique: 'raw',
  syntax: [word('r', { caseless: true })],
  help: 'Raw: add no fields, neither Content-Length nor, over HTTP/1, Host.',
  make: () => new Raw(),
});
