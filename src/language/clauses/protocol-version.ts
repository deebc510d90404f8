import { declareClause, ValueClause } from '../clause.js';
import { nakedValue } from '../values.js';
import type { Value } from '../values.js';

/** What stands in the start line in place of `HTTP/1.1`. */
export class ProtocolVersion extends ValueClause {
  readonly name = 'version';
  protected readonly lead = 'v';

  protected with(version: Value): ProtocolVersion {
    return new ProtocolVersion(version);
  }
}

export const protocolVersion = declareClause({
  name: 'version',
  unique: 'version',
  syntax: ['v', nakedValue],
  help: 'Protocol version in the start line, all of it: vHTTP/1.0.',
  make: ([version]) => new ProtocolVersion(version),
});
