/** Reads bytes one thing after the other. Whatever is not there throws a RangeError. */
export class ByteCursor {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The next bytes, as a view. */
  take(length: number): Buffer {
    const start = this.at;
    if (length > this.bytes.length - start) throw new RangeError('the bytes end too early');
    this.at += length;
    return this.bytes.subarray(start, this.at);
  }

  uint8(): number {
    return this.take(1).readUInt8();
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }
}
