/** Bytes that wait to be taken all at once. Small ones are copied into one run of memory, large ones kept as they are. */

/** Bytes up to which a copy is cheaper than a view of one's own. */
const small = 2048;
const smallestSlab = 1024;
const largestSlab = 64 * 1024;

export class GatheredBytes {
  private chunks: Uint8Array[] = [];
  private slab: Buffer = Buffer.alloc(0);
  /** Where the run that is being written begins in the slab, and where it ends. */
  private from = 0;
  private to = 0;
  private waiting = 0;
  private nextSlab = smallestSlab;

  /** Bytes that wait. */
  get length(): number {
    return this.waiting;
  }

  /** Where {@link reserve} gives offsets in; another one after each call of it. */
  get memory(): Buffer {
    return this.slab;
  }

  /** Adds bytes to be filled in by the caller, at once, from the offset returned on. */
  reserve(length: number): number {
    if (this.to + length > this.slab.length) {
      this.close();
      this.slab = Buffer.allocUnsafeSlow(Math.max(this.nextSlab, length));
      this.nextSlab = Math.min(largestSlab, 2 * this.nextSlab);
      this.from = this.to = 0;
    }
    const at = this.to;
    this.to += length;
    this.waiting += length;
    return at;
  }

  /** Adds bytes. They must not be written to before they were taken. */
  write(bytes: Uint8Array): void {
    if (bytes.length <= small) {
      const at = this.reserve(bytes.length);
      this.slab.set(bytes, at);
      return;
    }
    this.close();
    this.chunks.push(bytes);
    this.waiting += bytes.length;
  }

  /** All that waits; nothing does any more. */
  take(): Buffer {
    this.close();
    const { chunks, waiting } = this;
    const [first] = chunks;
    this.chunks = [];
    this.waiting = 0;
    // Connections that say little need not keep much.
    this.nextSlab = Math.min(largestSlab, Math.max(smallestSlab, 2 * waiting));
    if (first === undefined) return empty;
    if (chunks.length > 1) return Buffer.concat(chunks, waiting);
    return Buffer.isBuffer(first) ? first : Buffer.from(first.buffer, first.byteOffset, first.length);
  }

  /** Ends the run: what was written there is never written to again. */
  private close(): void {
    if (this.to > this.from) this.chunks.push(this.slab.subarray(this.from, this.to));
    this.from = this.to;
  }
}

const empty = Buffer.alloc(0);
