/**
 * HTTP/1 messages out of bytes as they come: push bytes, pull events.
 *
 *     receive(chunk) ... next() -> head -> data* -> [trailers] -> end -> head ...
 *
 * `undefined` from `next()` means that more bytes are needed. Pipelined messages come one after the
 * other with no further code. Nothing is accumulated but an unfinished head.
 */
import { ProtocolError } from '../errors.js';
import { lineRepr } from './bytes-repr.js';
import { ByteQueue } from './byte-queue.js';
import { HeadScanner } from './head-scanner.js';
import { bodyReader, endOfBody } from './http1-body.js';
import type { BodyEvent, BodyReader } from './http1-body.js';
import { noBody, requestFraming, responseFraming } from './http1-framing.js';
import type { Framing } from './http1-framing.js';
import { RequestHead, ResponseHead } from './http1-head.js';
import type { HeadPlace } from './http1-head.js';

/** Bounds of a reader. */
export interface Http1ReaderOptions {
  /** Bytes that a head may have. Default: 2 MiB. */
  readonly maximumHead?: number;
  /** Whether to refuse field lines of requests without a name or a colon. Default: false. */
  readonly strict?: boolean;
}

const defaultMaximumHead = 2 * 1024 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What a request reader yields. */
export type RequestEvent = { readonly type: 'head'; readonly head: RequestHead; readonly framing: Framing } | BodyEvent;

/** What a response reader yields. An informational head (1xx) is followed by another head. */
export type ResponseEvent =
  | { readonly type: 'informational'; readonly head: ResponseHead }
  | { readonly type: 'head'; readonly head: ResponseHead; readonly framing: Framing }
  | BodyEvent;

/** What both readers share: the queue, the search for the end of a head, its bound, and the state after a failure. */
abstract class Http1Reader<Event extends { readonly type: string }> {
  protected readonly queue = new ByteQueue();
  protected readonly scanner: HeadScanner;
  protected body: BodyReader | undefined;
  protected finished = false;
  private lineChecked = false;
  private failure: ProtocolError | undefined;
  private readonly maximumHead: number;

  constructor({ maximumHead = defaultMaximumHead }: Http1ReaderOptions, strict: boolean) {
    this.maximumHead = maximumHead;
    this.scanner = new HeadScanner(strict);
  }

  /** Adds received bytes. The reader keeps views of them. */
  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** The peer will send no more. */
  finish(): void {
    this.finished = true;
  }

  /**
   * The next event, or undefined when more bytes are needed.
   * @throws {ProtocolError} for what cannot be read, and when a body was cut short; the same one ever after
   */
  next(): Event | BodyEvent | undefined {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.body === undefined ? this.nextHead() : this.nextOfBody(this.body);
    } catch (error) {
      if (error instanceof ProtocolError) this.failure = error;
      throw error;
    }
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
    this.scanner.reset();
    this.lineChecked = false;
    return this.queue.takeAll();
  }

  protected abstract nextHead(): Event | undefined;

  /** Throws when the first line of a head can not be one. The rest of the head may be missing still. */
  protected abstract checkLine(line: HeadPlace): void;

  /** Takes a head out once it is complete. */
  protected takeHead(): HeadPlace | undefined {
    const { queue, scanner } = this;
    this.skipBlankLines();
    const { memory, start } = queue;
    if (queue.length === 0) return undefined;
    const length = scanner.scan(queue);
    if (length === -1 || length > this.maximumHead || scanner.invalidLine !== undefined) {
      this.judge(length);
      return undefined;
    }
    this.lineChecked = false;
    queue.skip(length);
    return { memory, start, lineEnd: start + scanner.startLineEnd, end: start + length };
  }

  /**
   * Judges a head that is not complete, or not acceptable, in the order of its bytes. A peer that speaks
   * something else is not waited for.
   */
  private judge(length: number): void {
    const { queue, scanner } = this;
    if (!this.lineChecked && (scanner.startLineEnd !== -1 || this.finished)) {
      const { memory, start } = queue;
      const lineEnd = scanner.startLineEnd === -1 ? memory.length : start + scanner.startLineEnd;
      this.checkLine({ memory, start, lineEnd, end: lineEnd });
      this.lineChecked = true;
    }
    if (scanner.invalidLine !== undefined) {
      throw new ProtocolError(`Invalid header line: ${lineRepr(scanner.invalidLine)}`);
    }
    if ((length === -1 ? queue.length : length) > this.maximumHead) {
      throw new ProtocolError(`the head has more than ${String(this.maximumHead)} bytes`);
    }
  }

  private nextOfBody(body: BodyReader): BodyEvent | undefined {
    const event = body.next(this.queue) ?? (this.finished ? body.finish(this.queue) : undefined);
    if (event === endOfBody) this.body = undefined;
    return event;
  }

  /** Takes the empty lines out that may stand before a start line (RFC 9112, section 2.2). */
  private skipBlankLines(): void {
    const { memory, start } = this.queue;
    let at = start;
    for (;;) {
      const byte = memory[at];
      if (byte === lineFeed) at += 1;
      else if (byte === carriageReturn && memory[at + 1] === lineFeed) at += 2;
      else break;
    }
    if (at === start) return;
    this.queue.skip(at - start);
    // A CR that had come alone was looked at as the beginning of a head.
    this.scanner.reset();
  }
}

/**
 * Reads requests, as tolerantly as can be: what cannot be a request line or a length is the only thing
 * refused. A connection that ends within a head is no fault: see {@link Http1RequestReader.midMessage}.
 */
export class Http1RequestReader extends Http1Reader<RequestEvent> {
  private refused: RequestHead | undefined;

  constructor(options: Http1ReaderOptions = {}) {
    super(options, options.strict ?? false);
  }

  /** The head for whose sake `next()` failed: it could be read, but not how long its body is. */
  get refusedHead(): RequestHead | undefined {
    return this.refused;
  }

  protected nextHead(): RequestEvent | undefined {
    const place = this.takeHead();
    if (place === undefined) return undefined;
    const { scanner } = this;
    const head = new RequestHead(place, scanner.seenFields);
    scanner.reset();
    const unframed = !head.mayHave('content-length') && !head.mayHave('transfer-encoding');
    this.refused = head;
    const framing = unframed ? noBody : framingOf(head);
    this.refused = undefined;
    this.body = bodyReader(framing);
    return { type: 'head', head, framing };
  }

  protected checkLine(line: HeadPlace): void {
    new RequestHead(line);
  }
}

/**
 * Reads responses, tolerant of line ends but exact in its complaints. Asked for a response when the peer
 * has ended, it says so by a {@link ProtocolError}: stop asking after the last `end` that you wait for.
 */
export class Http1ResponseReader extends Http1Reader<ResponseEvent> {
  /** The method of the request that the next response answers. */
  requestMethod = 'GET';

  constructor(options: Http1ReaderOptions = {}) {
    super(options, true);
  }

  protected nextHead(): ResponseEvent | undefined {
    const place = this.takeHead();
    if (place === undefined) return this.finished ? this.disconnected() : undefined;
    const head = new ResponseHead(place);
    this.scanner.reset();
    if (head.code >= 100 && head.code < 200 && head.code !== 101) return { type: 'informational', head };
    const framing = responseFraming(head.code, this.requestMethod, {
      contentLength: head.headers.getAll('content-length'),
      transferEncoding: head.headers.getAll('transfer-encoding'),
    });
    this.body = bodyReader(framing);
    return { type: 'head', head, framing };
  }

  protected checkLine(line: HeadPlace): void {
    new ResponseHead(line);
  }

  private disconnected(): never {
    const { length } = this.queue;
    throw new ProtocolError(
      length === 0 ? 'Server disconnected' : `Server disconnected after ${String(length)} bytes of a response head`,
    );
  }
}

function framingOf(head: RequestHead): Framing {
  return requestFraming({
    contentLength: head.values('content-length'),
    transferEncoding: head.values('transfer-encoding'),
  });
}
