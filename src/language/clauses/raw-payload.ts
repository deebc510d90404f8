import { declareClause, ValueClause } from '../clause.js';
import { nakedValue } from '../values.js';
import type { Value } from '../values.js';

/** A payload that is sent as it is, even behind a masking key. */
export class RawPayload extends ValueClause {
  readonly name = 'body';
  protected readonly lead = 'r';

  /** A naked `sv1` would read as the flag rsv1. */
  override get spec(): string {
    const collides = /^sv[123]/.test(this.value.spec);
    return collides ? `r'${this.value.spec}'` : super.spec;
  }

  protected with(value: Value): RawPayload {
    return new RawPayload(value);
  }
}

export const rawPayload = declareClause({
  name: 'rawbody',
  unique: 'body',
  syntax: ['r', nakedValue],
  help: 'Payload that is never masked, even with a masking key.',
  make: ([value]) => new RawPayload(value),
});
