/** Memory that is kept for what is written next. */
const keptMemory = 1024 * 1024;

/** Encoded flows behind one another, to be written together. */
export class FlowBatch {
  private memory = Buffer.allocUnsafeSlow(64 * 1024);
  private used = 0;
  /** Where each flow ends. */
  private ends: number[] = [];

  /** Bytes in it. */
  get length(): number {
    return this.used;
  }

  /** What is in it, until anything is added. */
  get bytes(): Buffer {
    return this.memory.subarray(0, this.used);
  }

  /** Adds a copy of a flow. */
  add(item: Buffer): void {
    const end = this.used + item.length;
    if (end > this.memory.length) this.grow(end);
    item.copy(this.memory, this.used);
    this.used = end;
    this.ends.push(end);
  }

  /** Where the last flow ends that is whole in so many bytes. */
  endOfWhole(bytes: number): number {
    return this.ends.findLast((end) => end <= bytes) ?? 0;
  }

  clear(): void {
    if (this.memory.length > keptMemory) this.memory = Buffer.allocUnsafeSlow(64 * 1024);
    this.used = 0;
    this.ends = [];
  }

  private grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(2 * length);
    this.memory.copy(grown, 0, 0, this.used);
    this.memory = grown;
  }
}
