/** Bit streams of Zstandard (RFC 8878, section 4.1 and 4.2). */

/** Reads bits from the first byte on, the lowest bit first. */
export class ForwardBits {
  private position: number;

  constructor(
    private readonly bytes: Buffer,
    at: number,
  ) {
    this.position = at * 8;
  }

  /** The next `count` bits, at most 24, without passing them. */
  peek(count: number): number {
    return bitsAt(this.bytes, this.position, count);
  }

  skip(count: number): void {
    this.position += count;
    if (this.position > this.bytes.length * 8) throw new Error('the data ends too early');
  }

  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** The byte that follows the bits read so far. */
  get byteOffset(): number {
    return Math.ceil(this.position / 8);
  }
}

/** Reads bits from the last byte on, the highest first; a 1 above them marks the beginning. */
export class BackwardBits {
  /** Bits left; below 0 when more were asked for than there are. */
  left: number;

  constructor(private readonly bytes: Buffer) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw new Error('a bit stream has no end mark');
    this.left = bytes.length * 8 - (Math.clz32(last) - 24) - 1;
  }

  /** The next `count` bits, at most 24; zeros stand behind the last one. */
  peek(count: number): number {
    const from = this.left - count;
    if (from >= 0) return bitsAt(this.bytes, from, count);
    return this.left <= 0 ? 0 : bitsAt(this.bytes, 0, this.left) << -from;
  }

  skip(count: number): void {
    this.left -= count;
  }

  /** The next `count` bits, at most 31. */
  read(count: number): number {
    if (count > 24) {
      const high = this.read(count - 16);
      return high * 0x10000 + this.read(16);
    }
    const value = this.peek(count);
    this.left -= count;
    return value;
  }
}

function bitsAt(bytes: Buffer, position: number, count: number): number {
  if (count === 0) return 0;
  const at = position >> 3;
  const word =
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>>
    0;
  return (word >>> (position & 7)) & ((1 << count) - 1);
}
