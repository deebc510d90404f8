import { declareClause } from '../clause.js';
import type { Clause, FieldClause } from '../clause.js';
import { Literal, value } from '../values.js';
import type { Value } from '../values.js';

/** A header field of any name and value. */
export class Header implements FieldClause {
  readonly name = 'header';

  constructor(readonly field: readonly [name: Value, value: Value]) {}

  /** A field of ISO 8859-1 text, as those added by default. */
  static of(name: string, text: string): Header {
    return new Header([Literal.of(name), Literal.of(text)]);
  }

  get spec(): string {
    return `h${this.field[0].spec}=${this.field[1].spec}`;
  }

  get values(): readonly Value[] {
    return this.field;
  }

  withValues([name, content]: readonly Value[]): Clause {
    return name && content ? new Header([name, content]) : this;
  }
}

export const header = declareClause({
  name: 'header',
  syntax: ['h', value, '=', value],
  help: 'Add a header field.',
  make: ([name, content]) => new Header([name, content]),
});
