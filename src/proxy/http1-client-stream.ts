import type { Duplex } from 'node:stream';
import type { ProtocolError } from '../errors.js';
import { reset } from '../net/reset.js';
import { writeSoon } from '../net/write-soon.js';
import { writeTo } from '../net/write-to.js';
import { closesConnection } from './connection-close.js';
import type { ClientStream, OutgoingBody, StreamEnding, TakenOver } from './http-stream.js';
import type { Http1IncomingBody } from './http1-incoming-body.js';
import { Http1OutgoingBody } from './http1-outgoing-body.js';
import { bodyOf, headBytes, responseBeforeBody, responseWithBody, wholeMessage } from './http1-writer.js';
import type { Answered, SentAs } from './http1-writer.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';

/** A request of a client that speaks HTTP/1, and the response that it gets. */
export class Http1ClientStream implements ClientStream {
  /** Whether the connection ends with this exchange. */
  closes: boolean;
  /** Whether all of a response was written. */
  isAnswered = false;
  isTakenOver = false;
  private hasBegun = false;
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
    return new Http1OutgoingBody(this.duplex, as === 'chunks', () => {
      this.isAnswered = true;
    });
  }

  abort(): void {
    this.closes = true;
    // The end of a connection may be taken for that of a body.
    if (this.hasBegun) reset(this.duplex);
    else this.duplex.destroy();
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
