import type { Duplex } from 'node:stream';
import type { ProtocolError } from '../errors.js';
import { bottomOf } from '../net/carrier.js';
import type { Clock } from '../net/clock.js';
import { reset } from '../net/reset.js';
import { writeSoon } from '../net/write-soon.js';
import { writeTo } from '../net/write-to.js';
import { closesConnection } from './connection-close.js';
import type { ClientStream, OutgoingBody, StreamEnding, TakenOver } from './http-stream.js';
import type { Http1IncomingBody } from './http1-incoming-body.js';
import { Http1OutgoingBody } from './http1-outgoing-body.js';
import { bodyOf, headBytes, responseBeforeBody, responseWithBody, wholeMessage } from './http1-writer.js';
import type { Answered, SentAs } from './http1-writer.js';
import type { Headers } from './message/headers.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';
import { untilTaken } from './until-taken.js';

/** Milliseconds that a client has for what was written before a reset: the system drops what it still holds then. */
const beforeReset = 500;

const nothing = Buffer.alloc(0);

/** A request of a client that speaks HTTP/1, and the response that it gets. */
export class Http1ClientStream implements ClientStream {
  /** Whether the connection ends with this exchange. */
  closes: boolean;
  /** Whether all of a response was written. */
  isAnswered = false;
  isTakenOver = false;
  private hasBegun = false;
  /** The body of the response, and its size as the client is told: below it, the client sees that something is missing. */
  private streamed: { readonly body: Http1OutgoingBody; readonly told: number } | undefined;
  private readonly answered: Answered;
  private loss: StreamEnding | undefined;
  private onLoss: ((ending: StreamEnding) => void) | undefined;

  constructor(
    private readonly duplex: Duplex,
    readonly request: Request,
    readonly body: Http1IncomingBody,
    readonly expectsContinue: boolean,
    private readonly giveAway: () => Buffer,
    readonly fault?: ProtocolError,
  ) {
    this.answered = { method: request.rawMethod, isHttp10: request.isHttp10 };
    this.closes = closesConnection(request);
  }

  onAbort(listener: (ending: StreamEnding) => void): void {
    if (this.loss === undefined) this.onLoss = listener;
    else listener(this.loss);
  }

  /** The client left. */
  lose(reason: string): void {
    if (this.loss !== undefined) return;
    this.loss = { reason };
    this.onLoss?.(this.loss);
  }

  sendInformational(response: Response): void {
    // HTTP/1.0 knows no such responses (RFC 9110, section 15.2).
    if (this.answered.isHttp10) return;
    const { startLine, headers } = responseWithBody(response, bodyOf(response), this.answered);
    void writeTo(this.duplex, headBytes(startLine, headers.lines));
  }

  sendWhole(response: Response): void | Promise<void> {
    const body = bodyOf(response);
    const head = responseWithBody(response, body, this.answered);
    this.begin(response, head.as);
    this.isAnswered = true;
    return writeSoon(this.duplex, wholeMessage(head, body, response.trailers));
  }

  sendHead(response: Response): OutgoingBody {
    const { startLine, headers, as } = responseBeforeBody(response, this.answered);
    this.begin(response, as);
    void writeTo(this.duplex, headBytes(startLine, headers.lines));
    const body = new Http1OutgoingBody(this.duplex, as === 'chunks', () => {
      this.isAnswered = true;
    });
    this.streamed = { body, told: sizeTold(as, headers) };
    return body;
  }

  abort(): void {
    this.closes = true;
    // The end of a connection may be taken for that of a body.
    if (this.hasBegun) reset(this.duplex);
    else this.duplex.destroy();
  }

  async cut(clock: Clock): Promise<void> {
    this.closes = true;
    const { duplex, streamed } = this;
    if (duplex.destroyed) return;
    const isSeen = streamed !== undefined && streamed.body.size < streamed.told;
    const left = (): number => duplex.writableLength + bottomOf(duplex).writableLength;
    const isTaken = await untilTaken(isSeen ? ended(duplex) : written(duplex), left, clock);
    // The session hangs up then.
    if (isTaken && isSeen) return;
    if (isTaken) await stillOpen(duplex, clock);
    reset(duplex);
  }

  takeOver(): TakenOver {
    this.isTakenOver = true;
    return { duplex: this.duplex, rest: this.giveAway() };
  }

  private begin(response: Response, as: SentAs): void {
    this.hasBegun = true;
    if (as === 'close' || closesConnection(response)) this.closes = true;
  }
}

/** The size of a body as its client is told. In chunks it is never there before the last one. */
function sizeTold(as: SentAs, headers: Headers): number {
  if (as === 'chunks') return Infinity;
  // Of several, which are the same, one is enough.
  return as === 'length' ? Number.parseInt(headers.get('content-length') ?? '', 10) : 0;
}

/** Ends a stream. Resolves when the system has all that was written, and the end, or the stream is gone. */
function ended(duplex: Duplex): Promise<void> {
  return handedOver(duplex, (done) => duplex.end(done));
}

/** Resolves when the system has all that was written, or the stream is gone. */
function written(duplex: Duplex): Promise<void> {
  if (duplex.writableEnded) return Promise.resolve();
  return handedOver(duplex, (done) => duplex.write(nothing, done));
}

function handedOver(duplex: Duplex, write: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      duplex.off('close', settle);
      resolve();
    };
    duplex.once('close', settle);
    write(settle);
  });
}

/** Waits a moment, unless the stream is closed before. */
async function stillOpen(duplex: Duplex, clock: Clock): Promise<void> {
  const over = new AbortController();
  const close = (): void => {
    over.abort('closed');
  };
  if (duplex.closed) return;
  duplex.once('close', close);
  await clock.wait(beforeReset, over.signal);
  duplex.off('close', close);
}
