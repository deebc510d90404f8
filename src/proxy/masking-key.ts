import { randomFillSync } from 'node:crypto';

const keyLength = 4;
const pool = Buffer.alloc(1024 * keyLength);
let used = pool.length;

/**
 * The masking key of a frame. It must not be foreseen by whoever chose the payload (RFC 6455, section 10.3), so it
 * comes from the system and not from a seed.
 */
export function maskingKey(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += keyLength;
  // A copy: the pool is filled anew.
  return Buffer.from(pool.subarray(used - keyLength, used));
}
