/** The language as tests use it, with the few readers that only tests need. */
import { readSegment } from '../../src/language/plan.js';
import type { Segment } from '../../src/language/plan.js';

export * from '../../src/language/index.js';

/** All bytes of a segment. */
export function readAll(segment: Segment): Buffer {
  return readSegment(segment, 0, segment.length);
}
