/** Keeps the bytes of the request that is being read, as far as a dump shows them. */
import { longestDump } from './text-log.js';

export class RequestBytes {
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private last: Buffer = Buffer.alloc(0);

  /** Sees every chunk before it is read. */
  receive(chunk: Buffer): void {
    this.last = chunk;
    if (this.keptBytes >= longestDump) return;
    this.kept.push(chunk);
    this.keptBytes += chunk.length;
  }

  /**
   * The bytes of the request that has just ended.
   * @param waiting how many bytes were received behind it; they lie in the last chunk
   */
  take(waiting: number): Buffer {
    const end = this.kept.at(-1) === this.last ? this.keptBytes - waiting : this.keptBytes;
    const bytes = Buffer.from(Buffer.concat(this.kept, Math.min(end, longestDump)));
    this.kept = waiting > 0 ? [this.last.subarray(this.last.length - waiting)] : [];
    this.keptBytes = waiting;
    this.last = this.kept[0] ?? this.last;
    return bytes;
  }
}
