import { declareClause, PlainClause } from '../clause.js';
import type { Size } from '../size.js';
import { sizeList } from '../size.js';

/** A header block split over CONTINUATION frames: fragments of these sizes, the last of which repeats. */
export class Fragments extends PlainClause {
  readonly name = 'fragments';

  constructor(readonly sizes: readonly Size[]) {
    super();
  }

  get spec(): string {
    return `k${this.sizes.map((each) => each.spec).join(',')}`;
  }
}

export const fragments = declareClause({
  name: 'fragments',
  unique: 'fragments',
  syntax: ['k', sizeList],
  help: 'Split the header block into fragments of these sizes, in CONTINUATION frames; the last one repeats.',
  make: ([list]) => new Fragments(list),
});
