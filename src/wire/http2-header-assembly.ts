import { Http2Error } from './http2-error.js';

/** A header block in parts, or put together: what its first frame said, and the bytes. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  /** When the first frame was a PUSH_PROMISE. */
  readonly promisedStreamId?: number;
  readonly block: Buffer;
}

/** Bounds of a {@link HeaderAssembly}. */
export interface HeaderAssemblyLimits {
  /** Bytes of a header block. */
  readonly maximumBlockSize: number;
  /** CONTINUATION frames of a header block. */
  readonly maximumContinuations: number;
}

/** Puts header blocks together (RFC 9113, section 4.3), within bounds, for CONTINUATION frames have none. */
export class HeaderAssembly {
  private first: Omit<HeaderBlock, 'block'> | undefined;
  private parts: Buffer[] = [];
  private size = 0;
  private continuations = 0;

  constructor(private readonly limits: HeaderAssemblyLimits) {}

  /** The stream whose block is not complete, if there is one: only its CONTINUATION frames may come. */
  get openStream(): number | undefined {
    return this.first?.streamId;
  }

  /** Begins with a HEADERS or PUSH_PROMISE frame; gives the block when that is all of it. */
  begin(first: Omit<HeaderBlock, 'block'>, fragment: Buffer, endHeaders: boolean): HeaderBlock | undefined {
    this.first = first;
    this.parts = [];
    this.size = 0;
    this.continuations = 0;
    return this.add(fragment, endHeaders);
  }

  /**
   * Goes on with a CONTINUATION frame.
   * @throws {Http2Error} for one that nothing went before, and beyond the bounds
   */
  goOn(streamId: number, fragment: Buffer, endHeaders: boolean): HeaderBlock | undefined {
    if (this.first?.streamId !== streamId) {
      throw new Http2Error('protocol_error', `CONTINUATION on stream ${streamId} continues nothing`);
    }
    if (++this.continuations > this.limits.maximumContinuations) {
      throw this.flooded(`more than ${this.limits.maximumContinuations} CONTINUATION frames`);
    }
    return this.add(fragment, endHeaders);
  }

  private add(fragment: Buffer, endHeaders: boolean): HeaderBlock | undefined {
    const { first } = this;
    this.size += fragment.length;
    if (first === undefined || this.size > this.limits.maximumBlockSize) {
      throw this.flooded(`more than ${this.limits.maximumBlockSize} bytes`);
    }
    this.parts.push(fragment);
    if (!endHeaders) return undefined;
    const block = this.parts.length === 1 ? fragment : Buffer.concat(this.parts, this.size);
    this.first = undefined;
    this.parts = [];
    return { ...first, block };
  }

  private flooded(what: string): Http2Error {
    this.first = undefined;
    this.parts = [];
    return new Http2Error('enhance_your_calm', `a header block has ${what}`);
  }
}
