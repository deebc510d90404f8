/** Reading a body piece by piece, as views of what was received. */
import { ProtocolError } from '../errors.js';
import { bytesRepr } from './bytes-repr.js';
import type { ByteQueue } from './byte-queue.js';
import { HeaderFields } from './headers.js';
import { withoutLineEnd } from './http1-head.js';
import type { Framing } from './http1-framing.js';

/** A piece of a body, its trailer fields, or its end. */
export type BodyEvent =
  | { readonly type: 'data'; readonly data: Buffer }
  | { readonly type: 'trailers'; readonly headers: HeaderFields }
  | { readonly type: 'end' };

export const endOfBody: BodyEvent = { type: 'end' };

/** Yields the events of one body; `undefined` when more bytes are needed. */
export interface BodyReader {
  next(queue: ByteQueue): BodyEvent | undefined;
  /**
   * The connection ended: the last event, where that is how such a body ends.
   * @throws {ProtocolError} when something is missing
   */
  finish(): BodyEvent;
}

/** Bytes that a line of chunked coding, or all its trailers, may have. */
const maximumLine = 64 * 1024;

export function bodyReader(framing: Framing): BodyReader {
  if (framing.by === 'length') return new LengthReader(framing.length);
  if (framing.by === 'chunks') return new ChunkedReader();
  if (framing.by === 'close') return new CloseReader();
  return { next: () => endOfBody, finish: () => endOfBody };
}

class LengthReader implements BodyReader {
  private left: number;

  constructor(private readonly length: number) {
    this.left = length;
  }

  next(queue: ByteQueue): BodyEvent | undefined {
    if (this.left === 0) return endOfBody;
    if (queue.length === 0) return undefined;
    const data = queue.take(this.left);
    this.left -= data.length;
    return { type: 'data', data };
  }

  finish(): BodyEvent {
    const got = this.length - this.left;
    throw new ProtocolError(`body cut short: got ${String(got)} of ${String(this.length)} bytes`);
  }
}

class CloseReader implements BodyReader {
  next(queue: ByteQueue): BodyEvent | undefined {
    return queue.length === 0 ? undefined : { type: 'data', data: queue.takeAll() };
  }

  finish(): BodyEvent {
    return endOfBody;
  }
}

/** Chunked transfer coding (RFC 9112, section 7.1). */
class ChunkedReader implements BodyReader {
  private state: 'size' | 'data' | 'line end' | 'trailers' | 'done' = 'size';
  private left = 0;
  private got = 0;
  private readonly trailers: Buffer[] = [];
  private trailersLength = 0;
  /** Where the search for the end of a line goes on. */
  private searched = 0;

  next(queue: ByteQueue): BodyEvent | undefined {
    for (;;) {
      if (this.state === 'done') return endOfBody;
      if (this.state === 'data') {
        if (queue.length === 0) return undefined;
        return { type: 'data', data: this.takeData(queue) };
      }
      const line = this.takeLine(queue);
      if (!line) return undefined;
      if (this.state === 'size') this.readSize(line);
      else if (this.state === 'line end') this.readLineEnd(line);
      else if (this.readTrailer(line) && this.trailers.length > 0) {
        return { type: 'trailers', headers: new HeaderFields(Buffer.concat(this.trailers)) };
      }
    }
  }

  finish(): BodyEvent {
    throw new ProtocolError(`body cut short: got ${String(this.got)} bytes, the last chunk is missing`);
  }

  private takeData(queue: ByteQueue): Buffer {
    const data = queue.take(this.left);
    this.left -= data.length;
    this.got += data.length;
    if (this.left === 0) this.state = 'line end';
    return data;
  }

  private takeLine(queue: ByteQueue): Buffer | undefined {
    const end = queue.indexOf(0x0a, this.searched);
    if (end === -1) {
      this.searched = queue.length;
      if (queue.length > maximumLine) throw new ProtocolError(`a line of the chunked body has more than ${String(maximumLine)} bytes`);
      return undefined;
    }
    this.searched = 0;
    return queue.take(end + 1);
  }

  private readSize(line: Buffer): void {
    const [size = ''] = withoutLineEnd(line).toString('latin1').split(';', 1);
    const length = /^[ \t]*[0-9a-fA-F]+[ \t]*$/.test(size) ? parseInt(size, 16) : NaN;
    if (!Number.isSafeInteger(length)) throw new ProtocolError(`Invalid chunked encoding length: ${bytesRepr(line)}`);
    this.left = length;
    this.state = length === 0 ? 'trailers' : 'data';
  }

  private readLineEnd(line: Buffer): void {
    if (withoutLineEnd(line).length > 0) throw new ProtocolError(`Malformed chunked body: ${bytesRepr(line.subarray(0, 64))}`);
    this.state = 'size';
  }

  /** Whether that was the end of the trailers. */
  private readTrailer(line: Buffer): boolean {
    if (withoutLineEnd(line).length === 0) {
      this.state = 'done';
      return true;
    }
    this.trailersLength += line.length;
    if (this.trailersLength > maximumLine) throw new ProtocolError(`the trailers have more than ${String(maximumLine)} bytes`);
    this.trailers.push(line);
    return false;
  }
}
