import { declareClause, ValueClause } from '../clause.js';
import { Naked, nakedValue } from '../values.js';
import type { Value } from '../values.js';
import { methodNames } from './method.js';

/** The request target. */
export class Path extends ValueClause {
  readonly name = 'path';
  protected readonly lead = '';

  protected with(path: Value): Path {
    return new Path(path);
  }
}

/**
 * A path behind a bare `ws`, where quoted text or a leading method name would read as the method:
 * it always prints naked, with escapes as needed.
 */
class PathOfWebsocket extends Path {
  constructor(private readonly word: Naked) {
    super(word);
  }

  override get spec(): string {
    const text = this.word.bytes.toString('latin1').toLowerCase();
    return this.word.nakedSpec(methodNames.some((name) => text.startsWith(name)));
  }
}

export const path = declareClause({
  name: 'path',
  unique: 'path',
  syntax: [nakedValue],
  help: 'Request target, any value.',
  make: ([target]) => new Path(target),
});

/** The same clause, for a path that follows `ws` directly. */
export function afterWebsocket(clause: Path): Path {
  return clause.value instanceof Naked ? new PathOfWebsocket(clause.value) : clause;
}
