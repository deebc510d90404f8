/**
 * HTTP/1 messages out of bytes as they come: push bytes, pull events.
 *
 *     receive(chunk) ... next() -> head -> data* -> [trailers] -> end -> head ...
 *
 * `undefined` from `next()` means that more bytes are needed. Pipelined messages come one after the
 * other with no further code. Nothing is accumulated but an unfinished head.
 */
import { ProtocolError } from '../errors.js';
import { ByteQueue } from './byte-queue.js';
import { bodyReader, endOfBody } from './http1-body.js';
import type { BodyEvent, BodyReader } from './http1-body.js';
import { requestFraming, responseFraming } from './http1-framing.js';
import type { Framing } from './http1-framing.js';
import { HeadScanner, RequestHead, ResponseHead, skipBlankLines } from './http1-head.js';

/** Bounds of a reader. */
export interface Http1ReaderOptions {
  /** Bytes that a head may have. Default: 2 MiB. */
  readonly maximumHead?: number;
}

const defaultMaximumHead = 2 * 1024 * 1024;

/** What a request reader yields. */
export type RequestEvent = { readonly type: 'head'; readonly head: RequestHead; readonly framing: Framing } | BodyEvent;

/** What a response reader yields. An informational head (1xx) is followed by another head. */
export type ResponseEvent =
  | { readonly type: 'informational'; readonly head: ResponseHead }
  | { readonly type: 'head'; readonly head: ResponseHead; readonly framing: Framing }
  | BodyEvent;

/** What both readers share: the queue, the search for the end of a head, and its bound. */
abstract class Http1Reader {
  protected readonly queue = new ByteQueue();
  protected readonly scanner = new HeadScanner();
  protected body: BodyReader | undefined;
  protected finished = false;
  private checked = false;
  private readonly maximumHead: number;

  constructor({ maximumHead = defaultMaximumHead }: Http1ReaderOptions = {}) {
    this.maximumHead = maximumHead;
  }

  /** Adds received bytes. The reader keeps views of them. */
  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** The peer will send no more. */
  finish(): void {
    this.finished = true;
  }

  /** Bytes that were received but not read yet. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Whether a message has begun and not ended. */
  get midMessage(): boolean {
    return this.body !== undefined || this.queue.length > 0;
  }

  /** Gives up reading messages: the bytes that follow the last one, for another protocol. */
  detach(): Buffer {
    this.body = undefined;
    return this.queue.takeAll();
  }

  /** A head with its blank line, once it is complete, and the length of its first line. */
  protected takeHead(checkLine: (line: Buffer) => void): { readonly bytes: Buffer; readonly lineLength: number } | undefined {
    const bytes = this.queue.peek();
    const length = this.scanner.scan(bytes);
    const lineLength = this.scanner.startLineEnd;
    if (length === -1 && lineLength !== -1 && !this.checked) {
      checkLine(bytes.subarray(0, lineLength));
      this.checked = true;
    }
    if (length > this.maximumHead || (length === -1 && bytes.length > this.maximumHead)) {
      throw new ProtocolError(`the head has more than ${String(this.maximumHead)} bytes`);
    }
    if (length === -1) return undefined;
    this.checked = false;
    return { bytes: this.queue.take(length), lineLength };
  }

  protected nextOfBody(body: BodyReader): BodyEvent | undefined {
    const event = body.next(this.queue) ?? (this.finished ? body.finish() : undefined);
    if (event === endOfBody) this.body = undefined;
    return event;
  }
}

/** Reads requests, as tolerantly as can be: what cannot be a request line is the only thing refused. */
export class Http1RequestReader extends Http1Reader {
  /**
   * The next event, or undefined when more bytes are needed or none will come.
   * @throws {ProtocolError} for what cannot be read; the reader is of no use afterwards
   */
  next(): RequestEvent | undefined {
    if (this.body) return this.nextOfBody(this.body);
    const first = this.queue.at(0);
    if (first === 0x0d || first === 0x0a) skipBlankLines(this.queue);
    if (this.queue.length === 0) return undefined;
    const found = this.takeHead(RequestHead.checkLine);
    if (!found) return undefined;
    const head = new RequestHead(found.bytes, found.lineLength, this.scanner);
    this.scanner.reset();
    const framing = requestFraming({
      contentLength: head.values('content-length'),
      transferEncoding: head.values('transfer-encoding'),
    });
    this.body = bodyReader(framing);
    return { type: 'head', head, framing };
  }
}

/** Reads responses, tolerant of line ends but exact in its complaints. */
export class Http1ResponseReader extends Http1Reader {
  /** The method of the request that the next response answers. */
  requestMethod = 'GET';

  /**
   * The next event, or undefined when more bytes are needed.
   * @throws {ProtocolError} for what cannot be read, and when the peer ended a message early
   */
  next(): ResponseEvent | undefined {
    if (this.body) return this.nextOfBody(this.body);
    const found = this.queue.length > 0 ? this.takeHead(ResponseHead.checkLine) : undefined;
    if (!found) return this.finished ? this.disconnected() : undefined;
    const head = new ResponseHead(found.bytes, found.lineLength);
    this.scanner.reset();
    if (head.code >= 100 && head.code < 200 && head.code !== 101) return { type: 'informational', head };
    const framing = responseFraming(head.code, this.requestMethod, {
      contentLength: head.headers.getAll('content-length'),
      transferEncoding: head.headers.getAll('transfer-encoding'),
    });
    this.body = bodyReader(framing);
    return { type: 'head', head, framing };
  }

  private disconnected(): never {
    const { length } = this.queue;
    throw new ProtocolError(
      length === 0 ? 'Server disconnected' : `Server disconnected after ${String(length)} bytes of a response head`,
    );
  }
}
