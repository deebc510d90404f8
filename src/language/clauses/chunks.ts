import { declareClause, PlainClause } from '../clause.js';
import { scanWord } from '../scan.js';
import type { Part } from '../scan.js';
import { size } from '../size.js';
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

const sizes: Part<readonly Size[]> = {
  label: 'SIZE[,SIZE...]',
  expected: size.expected,
  starts: size.starts,
  scan(text, at) {
    const found: Size[] = [];
    let end = at;
    for (let next = size.scan(text, at); next;) {
      found.push(next.value);
      end = next.end;
      const comma = scanWord(text, end, ',', false);
      next = comma && size.scan(text, comma.end);
    }
    return found.length > 0 ? { value: found, end } : undefined;
  },
};

export const chunks = declareClause({
  name: 'chunks',
  unique: 'chunks',
  syntax: ['k', sizes],
  help: 'Send the body in chunks of these sizes; the last one repeats. Adds Transfer-Encoding in place of Content-Length.',
  make: ([list]) => new Chunks(list),
});
