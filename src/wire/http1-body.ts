/** Reading a body piece by piece, as views of what was received. */
import { ProtocolError } from '../errors.js';
import { lineRepr } from './bytes-repr.js';
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
  finish(queue: ByteQueue): BodyEvent;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Bytes that a line of chunked coding, or all its trailers, may have. */
const maximumLine = 64 * 1024;

/** A reader of one body. */
export function bodyReader(framing: Framing): BodyReader {
  switch (framing.by) {
    case 'none':
      return emptyReader;
    case 'length':
      return new LengthReader(framing.length);
    case 'chunks':
      return new ChunkedReader();
    case 'close':
      return closeReader;
  }
}

const emptyReader: BodyReader = { next: () => endOfBody, finish: () => endOfBody };

const closeReader: BodyReader = {
  next: (queue) => (queue.length === 0 ? undefined : { type: 'data', data: queue.takeAll() }),
  finish: () => endOfBody,
};

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

/**
 * Chunked transfer coding (RFC 9112, section 7.1).
 *
 *     size -> data -> line end -> size ... -> (size 0) -> trailers -> done
 */
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
      switch (this.state) {
        case 'done':
          return endOfBody;
        case 'data':
          return queue.length === 0 ? undefined : { type: 'data', data: this.takeData(queue) };
        case 'line end':
          if (!this.skipLineEnd(queue)) return undefined;
          break;
        case 'size': {
          const line = this.takeLine(queue);
          if (!line) return undefined;
          this.readSize(line);
          break;
        }
        case 'trailers': {
          const line = this.takeLine(queue);
          if (!line) return undefined;
          this.readTrailer(line);
          // `readTrailer` moves on, which the narrowing of the switch cannot know.
          if (this.isDone && this.trailers.length > 0) {
            return { type: 'trailers', headers: new HeaderFields(Buffer.concat(this.trailers)) };
          }
        }
      }
    }
  }

  finish(queue: ByteQueue): BodyEvent {
    // What stands where a size must be is judged as it is, unless it may be the beginning of one.
    if (this.state === 'size' && queue.length > 0) this.readSize(queue.peek());
    throw new ProtocolError(`body cut short: got ${String(this.got)} bytes, the last chunk is missing`);
  }

  private get isDone(): boolean {
    return this.state === 'done';
  }

  private takeData(queue: ByteQueue): Buffer {
    const data = queue.take(this.left);
    this.left -= data.length;
    this.got += data.length;
    if (this.left === 0) this.state = 'line end';
    return data;
  }

  private takeLine(queue: ByteQueue): Buffer | undefined {
    const end = queue.indexOf(lineFeed, this.searched);
    if ((end === -1 ? queue.length : end + 1) > maximumLine) {
      throw new ProtocolError(`a line of the chunked body has more than ${String(maximumLine)} bytes`);
    }
    this.searched = end === -1 ? queue.length : 0;
    return end === -1 ? undefined : queue.take(end + 1);
  }

  private readSize(line: Buffer): void {
    const [size = ''] = withoutLineEnd(line).toString('latin1').split(';', 1);
    const length = /^[ \t]*[0-9a-fA-F]+[ \t]*$/.test(size) ? parseInt(size, 16) : NaN;
    if (!Number.isSafeInteger(length)) throw new ProtocolError(`Invalid chunked encoding length: ${lineRepr(line)}`);
    this.left = length;
    this.state = length === 0 ? 'trailers' : 'data';
  }

  /** Whether the CRLF or LF behind a chunk was there. */
  private skipLineEnd(queue: ByteQueue): boolean {
    const first = queue.at(0);
    const second = first === carriageReturn ? queue.at(1) : -1;
    if (first === -1 || (first === carriageReturn && second === -1)) return false;
    if (first !== lineFeed && second !== lineFeed) {
      throw new ProtocolError(
        `Malformed chunked body: ${lineRepr(queue.take(first === carriageReturn ? 2 : 1))} where a chunk must end`,
      );
    }
    queue.skip(first === lineFeed ? 1 : 2);
    this.state = 'size';
    return true;
  }

  private readTrailer(line: Buffer): void {
    if (withoutLineEnd(line).length === 0) {
      this.state = 'done';
      return;
    }
    this.trailersLength += line.length;
    if (this.trailersLength > maximumLine) {
      throw new ProtocolError(`the trailers have more than ${String(maximumLine)} bytes`);
    }
    this.trailers.push(line);
  }
}
