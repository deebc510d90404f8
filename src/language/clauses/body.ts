import { declareClause, ValueClause } from '../clause.js';
import { nakedValue } from '../values.js';
import type { Value } from '../values.js';

/** The body of an HTTP message, or the payload of a frame. */
export class Body extends ValueClause {
  readonly name = 'body';
  protected readonly lead = 'b';

  protected with(value: Value): Body {
    return new Body(value);
  }
}

export const body = declareClause({
  name: 'body',
  unique: 'body',
  syntax: ['b', nakedValue],
  help: 'Body. Content-Length is added to match it unless the message is raw.',
  make: ([value]) => new Body(value),
});

export const frameBody = declareClause({
  name: 'body',
  unique: 'body',
  syntax: ['b', nakedValue],
  help: 'Payload. It is masked when the frame has a masking key.',
  make: ([value]) => new Body(value),
});
