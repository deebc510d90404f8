/** Reads the integers of HPACK (RFC 7541, section 5.1). */
import { ProtocolError } from '../errors.js';

/** The greatest integer that is accepted: what a setting can say. */
const greatest = 0xffffffff;
/** Bytes that may follow the prefix: those that {@link greatest} needs. */
const mostBytes = 5;

/** A place in a header block from which integers are read. */
export class IntegerCursor {
  constructor(
    readonly block: Buffer,
    /** Offset of the next byte. */
    public at = 0,
  ) {}

  /**
   * Reads an integer; the bits above its prefix are left out.
   * @throws {ProtocolError} when the block ends within it, or it is beyond 2^32 - 1 or longer than six bytes
   */
  readInteger(prefix: number): number {
    const { block } = this;
    const full = (1 << prefix) - 1;
    const first = block[this.at++];
    if (first === undefined) throw new ProtocolError('an HPACK block ends where an integer is due');
    let value = first & full;
    if (value < full) return value;
    for (let count = 0, unit = 1; count < mostBytes; count++, unit *= 0x80) {
      const byte = block[this.at++];
      if (byte === undefined) throw new ProtocolError('an HPACK block ends within an integer');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (value > greatest) break;
        return value;
      }
    }
    throw new ProtocolError('an HPACK integer is beyond 2^32 - 1 or longer than it needs to be');
  }
}
