import { declareClause, ValueClause } from '../clause.js';
import type { FieldClause } from '../clause.js';
import { Literal, nakedValue } from '../values.js';
import type { Value } from '../values.js';

const fieldName = Literal.of('Location');

/** Short for a Location field. */
export class Location extends ValueClause implements FieldClause {
  readonly name = 'location';
  protected readonly lead = 'l';

  get field(): readonly [Value, Value] {
    return [fieldName, this.value];
  }

  protected with(value: Value): Location {
    return new Location(value);
  }
}

export const location = declareClause({
  name: 'location',
  syntax: ['l', nakedValue],
  help: "Redirect: short for h'Location'=VALUE.",
  make: ([value]) => new Location(value),
});
