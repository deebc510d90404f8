/** Bytes kept of one message for a report. */
export const transcriptLimit = 16 * 1024 * 1024;

/** The first bytes that went one way, and how many there were. */
export class Transcript {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  /** All bytes, those that were not kept included. */
  length = 0;

  constructor(private readonly limit: number = transcriptLimit) {}

  /** Takes a copy of as much as there is room for. */
  add(bytes: Buffer): void {
    this.length += bytes.length;
    const part = bytes.subarray(0, this.limit - this.kept);
    if (part.length === 0) return;
    this.chunks.push(Buffer.from(part));
    this.kept += part.length;
  }

  /** What was kept. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks, this.kept);
  }

  /** Bytes that there was no room for. */
  get omitted(): number {
    return this.length - this.kept;
  }
}
