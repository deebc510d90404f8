const empty = Buffer.alloc(0);

/**
 * Received bytes that have not been read yet, contiguous in memory.
 *
 * A chunk that arrives while the queue is empty is kept as it is, so the common case copies nothing.
 * Chunks that must be joined go into a buffer that doubles: byte-by-byte arrival costs linear work.
 * Views that were handed out stay valid: memory behind them is never written again.
 */
export class ByteQueue {
  private memory: Buffer = empty;
  private start = 0;
  private end = 0;
  /** Whether `memory` is ours to append to. */
  private owned = false;

  /** Bytes waiting. */
  get length(): number {
    return this.end - this.start;
  }

  /** Adds a chunk. The queue keeps a view of it: it must not be written to afterwards. */
  push(chunk: Buffer): void {
    if (this.start === this.end) {
      this.memory = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.owned = false;
      return;
    }
    if (!this.owned || this.memory.length - this.end < chunk.length) this.grow(chunk.length);
    this.memory.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** A view of all that waits. */
  peek(): Buffer {
    return this.memory.subarray(this.start, this.end);
  }

  /** The byte at an offset, or -1 behind the end. */
  at(offset: number): number {
    return offset < this.length ? (this.memory[this.start + offset] ?? -1) : -1;
  }

  /** Takes out at most `length` bytes, as a view. */
  take(length: number): Buffer {
    const to = Math.min(this.start + length, this.end);
    const view = this.memory.subarray(this.start, to);
    this.start = to;
    if (to === this.end) this.clear();
    return view;
  }

  /** Takes out all that waits, as a view. */
  takeAll(): Buffer {
    return this.take(this.length);
  }

  /** Offset of the first `byte` at or behind `from`, or -1. */
  indexOf(byte: number, from = 0): number {
    const found = this.memory.indexOf(byte, this.start + from);
    return found === -1 || found >= this.end ? -1 : found - this.start;
  }

  private grow(more: number): void {
    const waiting = this.peek();
    const memory = Buffer.allocUnsafe(Math.max(1024, 2 * (waiting.length + more)));
    memory.set(waiting);
    this.memory = memory;
    this.start = 0;
    this.end = waiting.length;
    this.owned = true;
  }

  private clear(): void {
    this.memory = empty;
    this.start = 0;
    this.end = 0;
    this.owned = false;
  }
}
