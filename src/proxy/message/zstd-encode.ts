/** Zstandard frames of blocks that are not compressed: what Node 20 lacks, in the smallest form (RFC 8878). */

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** One segment, its size in eight bytes, no checksum. */
const descriptor = 0xe0;
/** Bytes that a block may have. */
const largestBlock = 128 * 1024;

/** A frame that holds these bytes as they are. */
export function encodeZstd(bytes: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head[0] = descriptor;
  head.writeBigUInt64LE(BigInt(bytes.length), 1);
  const parts: Buffer[] = [magic, head];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + largestBlock);
    at += block.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (at === bytes.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  } while (at < bytes.length);
  return Buffer.concat(parts);
}
