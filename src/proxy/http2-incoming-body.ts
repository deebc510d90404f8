import type { ConnectionError } from '../errors.js';
import { ProtocolError } from '../errors.js';
import type { HeaderField } from '../wire/header-field.js';
import type { IncomingBody } from './http-stream.js';
import type { Http2Line } from './http2-line.js';
import { readHeaders } from './http2-message.js';
import type { Headers } from './message/headers.js';

/** Somebody who waits for the next piece. */
interface Reader {
  readonly resolve: (piece: Buffer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** The body that arrives on a stream of HTTP/2. What is read makes room for more. */
export class Http2IncomingBody implements IncomingBody {
  trailers: Headers | undefined;
  private readonly pieces: Buffer[] = [];
  private reader: Reader | undefined;
  private failure: ProtocolError | ConnectionError | undefined;
  private length = 0;
  /** Whether all of it has arrived. */
  isComplete: boolean;

  /**
   * @param isEmpty whether the head ended the stream
   * @param told the size that Content-Length tells, where there is to be a body
   */
  constructor(
    private readonly line: Http2Line,
    private readonly streamId: number,
    readonly isEmpty: boolean,
    private readonly told: number | undefined,
  ) {
    this.isComplete = isEmpty;
  }

  /** Of an empty body the end is still to be read. */
  get expectedSize(): number | undefined {
    return this.told === 0 ? undefined : this.told;
  }

  read(): Buffer | undefined | Promise<Buffer | undefined> {
    const piece = this.pieces.shift();
    if (piece !== undefined) {
      this.line.consumed(this.streamId, piece.length);
      return piece;
    }
    if (this.isComplete) return undefined;
    if (this.failure !== undefined) throw this.failure;
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject };
    });
  }

  /** What is wrong with a length that is not the one told (RFC 9113, section 8.1.1). */
  get complaint(): string | undefined {
    const { told, length, isComplete } = this;
    if (told === undefined || (isComplete ? length === told : length <= told)) return undefined;
    return `content-length is ${String(told)}, but the body has ${isComplete ? '' : 'at least '}${String(length)} bytes`;
  }

  /** A piece has arrived: it is given to nobody before {@link complaint} was asked. @param size of it, in bytes */
  count(size: number): void {
    this.length += size;
  }

  /** Gives a piece that was counted to whoever reads. */
  add(piece: Buffer): void {
    const { reader } = this;
    if (reader === undefined) {
      this.pieces.push(piece);
      return;
    }
    this.reader = undefined;
    this.line.consumed(this.streamId, piece.length);
    reader.resolve(piece);
  }

  addTrailers(fields: readonly HeaderField[]): void {
    this.trailers = readHeaders(fields);
  }

  /** Makes room for a piece that was counted and is not to be read. */
  drop(piece: Buffer): void {
    this.line.consumed(this.streamId, piece.length);
  }

  /** Tells whoever reads that all has arrived, as {@link isComplete} says. */
  finish(): void {
    this.reader?.resolve(undefined);
    this.reader = undefined;
  }

  /** Nothing more will arrive. Does nothing when all has. */
  fail(error: ProtocolError | ConnectionError): void {
    if (this.isComplete) return;
    this.failure ??= error;
    this.reader?.reject(this.failure);
    this.reader = undefined;
  }

  /** It turned out to be wrong, though all may have arrived. */
  spoil(error: ProtocolError): void {
    this.isComplete = false;
    this.fail(error);
  }

  /** Nobody will read what is left. */
  discard(): void {
    if (!this.isComplete) this.fail(new ProtocolError('the body is not read any more'));
    let bytes = 0;
    for (const piece of this.pieces) bytes += piece.length;
    this.pieces.length = 0;
    if (bytes > 0) this.line.consumed(this.streamId, bytes);
  }
}
