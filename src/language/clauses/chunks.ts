import { declareClause, PlainClause } from '../clause.js';
import { sizeList } from '../size.js';
import type { Size } from '../size.js';

/** The chunked transfer coding (RFC 9112, section 7.1) with chunks of these sizes, the last of which repeats. */
export class Chunks extends PlainClause {
  readonly name = 'chunks';

  constructor(readonly sizes: readonly Size[]) {
    super();
  }

  get spec(): string {
    return `k${this.sizes.map((each) => each.spec).join(',')}`;
  }
}

export const chunks = declareClause({
  name: 'chunks',
  unique: 'chunks',
  syntax: ['k', sizeList],
  help: 'Send the body in chunks of these sizes; the last one repeats. Adds Transfer-Encoding in place of Content-Length.',
  make: ([list]) => new Chunks(list),
});
