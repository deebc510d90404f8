const empty = Buffer.alloc(0);

/**
 * Received bytes that have not been read yet, contiguous in memory.
 *
 *     memory   | taken | waiting ........... |     spare     |
 *                      ^ start               ^ memory.length ^ backing.length
 *
 * A chunk that arrives while the queue is empty is kept as it is, so the common case copies nothing.
 * Chunks that must be joined go into a buffer that doubles: byte-by-byte arrival costs linear work.
 * Views that were handed out stay valid: memory behind them is never written again.
 */
export class ByteQueue {
  private bytes: Buffer = empty;
  private offset = 0;
  /** What `bytes` is the beginning of, when we may append to it. */
  private backing: Buffer | undefined;

  /** Bytes waiting. */
  get length(): number {
    return this.bytes.length - this.offset;
  }

  /** For readers that cannot afford a view: what waits is here, from {@link start} to the end. Not to be written to. */
  get memory(): Buffer {
    return this.bytes;
  }

  /** Where in {@link memory} the first byte that waits is. */
  get start(): number {
    return this.offset;
  }

  /** Adds a chunk. The queue keeps a view of it: it must not be written to afterwards. */
  push(chunk: Buffer): void {
    const waiting = this.length;
    if (waiting === 0) {
      this.bytes = chunk;
      this.offset = 0;
      this.backing = undefined;
      return;
    }
    if (chunk.length === 0) return;
    const end = this.bytes.length;
    const backing = this.backing;
    // The view ends where the received bytes end, so that no search runs into spare memory.
    if (backing !== undefined && backing.length - end >= chunk.length) {
      backing.set(chunk, end);
      this.bytes = backing.subarray(0, end + chunk.length);
      return;
    }
    const grown = Buffer.allocUnsafe(Math.max(1024, 2 * (waiting + chunk.length)));
    grown.set(this.peek());
    grown.set(chunk, waiting);
    this.backing = grown;
    this.bytes = grown.subarray(0, waiting + chunk.length);
    this.offset = 0;
  }

  /** A view of all that waits. */
  peek(): Buffer {
    return this.bytes.subarray(this.offset);
  }

  /** The byte at an offset, or -1 behind the end. */
  at(offset: number): number {
    return this.bytes[this.offset + offset] ?? -1;
  }

  /** Takes out at most `length` bytes, as a view. */
  take(length: number): Buffer {
    const to = Math.min(this.offset + length, this.bytes.length);
    const view = this.bytes.subarray(this.offset, to);
    this.moveTo(to);
    return view;
  }

  /** Takes out all that waits, as a view. */
  takeAll(): Buffer {
    return this.take(this.length);
  }

  /** Takes out at most `length` bytes and makes no view of them. */
  skip(length: number): void {
    this.moveTo(Math.min(this.offset + length, this.bytes.length));
  }

  /** Offset of the first `byte` at or behind `from`, or -1. */
  indexOf(byte: number, from = 0): number {
    const found = this.bytes.indexOf(byte, this.offset + from);
    return found === -1 ? -1 : found - this.offset;
  }

  private moveTo(offset: number): void {
    if (offset < this.bytes.length) {
      this.offset = offset;
      return;
    }
    // Nothing waits: let go of the memory.
    this.bytes = empty;
    this.offset = 0;
    this.backing = undefined;
  }
}
