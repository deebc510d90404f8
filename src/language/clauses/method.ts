import { declareClause, ValueClause } from '../clause.js';
import { oneOf } from '../scan.js';
import { Literal, value } from '../values.js';
import type { Value } from '../values.js';

/** The request method. */
export class Method extends ValueClause {
  readonly name = 'method';
  protected readonly lead = '';

  protected with(method: Value): Method {
    return new Method(method);
  }
}

/** The methods that need no quotes, whatever their case, in trial order. */
export const methodNames = ['get', 'head', 'post', 'put', 'delete', 'options', 'trace', 'connect'] as const;

export const namedMethod = declareClause({
  name: 'method',
  unique: 'method',
  syntax: [oneOf(methodNames, { caseless: true, label: 'METHOD' })],
  help: `Request method: ${methodNames.join(', ')}.`,
  make: ([name]) => new Method(Literal.of(name.toUpperCase())),
});

/** The methods that need no quotes over HTTP/2. */
const http2MethodNames = methodNames.slice(0, 5);

export const http2NamedMethod = declareClause({
  name: 'method',
  unique: 'method',
  syntax: [oneOf(http2MethodNames, { caseless: true, label: 'METHOD' })],
  help: `Request method: ${http2MethodNames.join(', ')}.`,
  make: ([name]) => new Method(Literal.of(name.toUpperCase())),
});

export const methodValue = declareClause({
  name: 'method',
  unique: 'method',
  syntax: [value],
  help: 'Request method, any value.',
  make: ([method]) => new Method(method),
});
