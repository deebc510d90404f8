import { declareClause, ValueClause } from '../clause.js';
import { nakedValue, value } from '../values.js';
import type { Value } from '../values.js';
import { Body } from './body.js';

/** The whole payload of an HTTP/2 frame: nothing is built. */
export class WholePayload extends ValueClause {
  readonly name = 'body';
  protected readonly lead = 'r';

  protected with(payload: Value): WholePayload {
    return new WholePayload(payload);
  }
}

export const frameData = declareClause({
  name: 'body',
  unique: 'body',
  syntax: ['b', nakedValue],
  help: 'Data: of a data frame, a ping, a goaway; bytes of a header block behind its fields.',
  make: ([data]) => new Body(data),
});

export const wholePayload = declareClause({
  name: 'rawbody',
  unique: 'body',
  syntax: ['r', value],
  help: 'The whole payload, just so: nothing that the type asks for is added.',
  make: ([payload]) => new WholePayload(payload),
});
