import type { Duplex } from 'node:stream';
import { passOn } from '../net/pass-on.js';
import { writeTo } from '../net/write-to.js';
import type { OutgoingBody } from './http-stream.js';
import type { Headers } from './message/headers.js';

const lineEnd = '\r\n';
const lastChunk = Buffer.from('0\r\n');
const blankLine = Buffer.from(lineEnd);

/** Bytes up to which a copy is cheaper than a write of one's own. */
const small = 16 * 1024;

/** A body as it is sent over HTTP/1: as it is, or in chunks (RFC 9112, section 7.1). */
export class Http1OutgoingBody implements OutgoingBody {
  /** Bytes of the body that were written. */
  size = 0;
  private isGathering = false;

  /** @param onEnd called when the body was written */
  constructor(
    private readonly duplex: Duplex,
    private readonly chunked: boolean,
    private readonly onEnd: () => void,
  ) {}

  write(piece: Buffer, isKept = true): void | Promise<void> {
    if (piece.length === 0) return undefined;
    this.size += piece.length;
    const write = isKept ? writeTo : passOn;
    if (!this.chunked) return write(this.duplex, piece);
    if (piece.length <= small) return this.writeChunk(piece);
    this.duplex.cork();
    void writeTo(this.duplex, sizeLine(piece.length));
    void write(this.duplex, piece);
    const written = writeTo(this.duplex, blankLine);
    this.duplex.uncork();
    return written;
  }

  /** Chunks that arrived together leave together. */
  private writeChunk(piece: Buffer): void | Promise<void> {
    if (!this.isGathering) {
      this.isGathering = true;
      this.duplex.cork();
      process.nextTick(() => {
        this.isGathering = false;
        this.duplex.uncork();
      });
    }
    return writeTo(this.duplex, chunkOf(piece));
  }

  get isLost(): boolean {
    return this.duplex.destroyed || this.duplex.writableEnded;
  }

  end(trailers?: Headers): void | Promise<void> {
    const written = this.chunked ? writeTo(this.duplex, endOfChunks(trailers)) : undefined;
    this.onEnd();
    return written;
  }
}

/** One chunk. */
export function chunkOf(piece: Buffer): Buffer {
  return Buffer.concat([sizeLine(piece.length), piece, blankLine]);
}

/** The last chunk, with the trailer fields. */
export function endOfChunks(trailers: Headers | undefined): Buffer {
  return Buffer.concat(trailers === undefined ? [lastChunk, blankLine] : [lastChunk, trailers.lines, blankLine]);
}

function sizeLine(length: number): Buffer {
  return Buffer.from(length.toString(16) + lineEnd, 'latin1');
}
