import { HpackEncoder } from '../wire/hpack-encoder.js';
import type { BlockPart } from '../wire/hpack-encoder.js';

/** For blocks that leave no trace in it. */
const stateless = new HpackEncoder();

/**
 * A header block that does not depend on those before it: fields are indexes of the static table or literals
 * without indexing unless they say otherwise.
 */
export function headerBlock(parts: readonly BlockPart[]): Buffer {
  const leavesTraces = parts.some(
    (part) => 'tableSize' in part || ('name' in part && part.coding?.indexing === 'incremental'),
  );
  return (leavesTraces ? new HpackEncoder() : stateless).encode(parts, { indexing: 'static' });
}
