import { declareClause, ValueClause } from '../clause.js';
import type { FieldClause } from '../clause.js';
import { Literal, nakedValue } from '../values.js';
import type { Value } from '../values.js';

const fieldName = Literal.of('Content-Type');

/** Short for a Content-Type field. */
export class ContentType extends ValueClause implements FieldClause {
  readonly name = 'contenttype';
  protected readonly lead = 'c';

  get field(): readonly [Value, Value] {
    return [fieldName, this.value];
  }

  protected with(value: Value): ContentType {
    return new ContentType(value);
  }
}

export const contentType = declareClause({
  name: 'contenttype',
  syntax: ['c', nakedValue],
  help: "Set the content type: short for h'Content-Type'=VALUE.",
  make: ([value]) => new ContentType(value),
});
