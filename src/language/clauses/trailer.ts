import { declareClause } from '../clause.js';
import type { Clause } from '../clause.js';
import { value } from '../values.js';
import type { Value } from '../values.js';

/** A field behind the last chunk (RFC 9112, section 7.1.2). */
export class Trailer implements Clause {
  readonly name = 'trailer';

  constructor(readonly trailer: readonly [name: Value, value: Value]) {}

  get spec(): string {
    return `t${this.trailer[0].spec}=${this.trailer[1].spec}`;
  }

  get values(): readonly Value[] {
    return this.trailer;
  }

  withValues([name, content]: readonly Value[]): Clause {
    return name && content ? new Trailer([name, content]) : this;
  }
}

export const trailer = declareClause({
  name: 'trailer',
  syntax: ['t', value, '=', value],
  help: 'Add a trailer field. Over HTTP/1, Trailer is added to the header, and without k the body becomes one chunk.',
  make: ([name, content]) => new Trailer([name, content]),
});
