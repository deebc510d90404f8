import { ConnectionError, ProtocolError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import type { HeaderField } from '../wire/header-field.js';
import { expectsContinue } from '../wire/http1-framing.js';
import { http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import { clientLeft } from './flow/flow-error.js';
import type { ClientStream, OutgoingBody, StreamEnding } from './http-stream.js';
import { Http2IncomingBody } from './http2-incoming-body.js';
import type { Http2Lane, Http2Line, StreamLoss } from './http2-line.js';
import { trailersFault } from './http2-malformed.js';
import { contentLength, responseFields, trailerFields } from './http2-message.js';
import type { FieldsOptions } from './http2-message.js';
import { Http2OutgoingBody } from './http2-outgoing-body.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';
import { untilTaken } from './until-taken.js';

/** What a stream needs of its session. */
export interface Http2ClientPorts extends FieldsOptions {
  readonly line: Http2Line;
  /** The client, for messages. */
  readonly address: string;
  /** Is told of a message that is malformed. */
  readonly malformed: (fault: string) => void;
}

const nothing = Buffer.alloc(0);

/** A stream that a client opened: one request, and its response. */
export class Http2ClientStream implements ClientStream, Http2Lane {
  readonly body: Http2IncomingBody;
  readonly expectsContinue: boolean;
  private readonly outgoing: Http2OutgoingBody;
  private loss: StreamEnding | undefined;
  private onLoss: ((ending: StreamEnding) => void) | undefined;

  constructor(
    private readonly ports: Http2ClientPorts,
    readonly streamId: number,
    readonly request: Request,
    fields: readonly HeaderField[],
    endStream: boolean,
  ) {
    const { line } = ports;
    this.body = new Http2IncomingBody(line, streamId, endStream, endStream ? undefined : contentLength(fields));
    this.expectsContinue = !endStream && expectsContinue(request.headers.getAll('expect'));
    this.outgoing = new Http2OutgoingBody(line, streamId, ports);
    line.mind(streamId, this);
  }

  onAbort(listener: (ending: StreamEnding) => void): void {
    if (this.loss === undefined) this.onLoss = listener;
    else listener(this.loss);
  }

  sendInformational(response: Response): void {
    // 101 is no response of HTTP/2 (RFC 9113, section 8.6).
    if (response.statusCode !== 101) this.sendFields(response, false);
  }

  sendWhole(response: Response): void | Promise<void> {
    const { trailers, rawContent: content } = response;
    const hasBody = this.hasBody(response);
    const hasTrailers = hasBody && trailers !== undefined && trailers.size > 0;
    const length = content?.length ?? 0;
    const isAll = !hasBody || (length === 0 && !hasTrailers);
    // What cannot be sent is found out before anything is.
    if (hasTrailers) trailerFields(trailers, this.ports);
    this.sendFields(response, isAll, hasBody ? length : undefined);
    if (isAll) return undefined;
    return this.outgoing.sendAll(content ?? nothing, trailers);
  }

  sendHead(response: Response): OutgoingBody {
    this.sendFields(response, !this.hasBody(response));
    return this.outgoing;
  }

  abort(): void {
    this.ports.line.reset(this.streamId, http2ErrorCodes.internal_error);
  }

  async cut(clock: Clock): Promise<void> {
    const { streamId, ports } = this;
    const { line } = ports;
    await untilTaken(line.sent(streamId), () => line.connection.waitingBytes(streamId), clock);
    this.abort();
  }

  /** The exchange is over. */
  finish(): void {
    const { line } = this.ports;
    this.onLoss = undefined;
    line.forget(this.streamId);
    if (!this.outgoing.isEnded) this.abort();
    // A request that is not read to its end is not wanted any more (RFC 9113, section 8.1).
    else if (!this.body.isComplete) line.dropRest(this.streamId);
    this.body.discard();
  }

  head(fields: readonly HeaderField[]): void {
    // A second head is a trailer section, and comes as such.
    this.trailers(fields);
  }

  data(data: Buffer): void {
    this.body.count(data.length);
    if (this.isSound()) this.body.add(data);
    else this.body.drop(data);
  }

  trailers(fields: readonly HeaderField[]): void {
    const fault = this.ports.validate ? trailersFault(fields) : undefined;
    if (fault === undefined) this.body.addTrailers(fields);
    else this.refuse(`trailers: ${fault}`);
  }

  ended(): void {
    this.body.isComplete = true;
    if (this.isSound()) this.body.finish();
  }

  drained(): void {
    this.outgoing.drained();
  }

  lost(loss: StreamLoss): void {
    const reason = reasonOf(loss);
    this.lose(
      reason,
      loss.by === 'us' ? new ProtocolError(reason) : new ConnectionError(reason, 'read', this.ports.address),
    );
  }

  private lose(reason: string, error: ProtocolError | ConnectionError): void {
    this.body.fail(error);
    this.outgoing.drained();
    this.loss = { reason };
    this.onLoss?.(this.loss);
    this.onLoss = undefined;
  }

  private sendFields(response: Response, endStream: boolean, length?: number): void {
    const { line } = this.ports;
    line.connection.sendHeaders(this.streamId, responseFields(response, this.ports, length), { endStream });
    if (endStream) this.outgoing.isEnded = true;
    line.worked();
    line.sendSoon();
  }

  /** RFC 9110, section 6.4.1. */
  private hasBody({ statusCode }: Response): boolean {
    return this.request.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  }

  /** Refuses a body that is not as long as it was said to be: over HTTP/1, the rest would be a request of its own. */
  private isSound(): boolean {
    const { complaint } = this.body;
    if (complaint === undefined || !this.ports.validate) return true;
    this.refuse(complaint);
    return false;
  }

  /** The request turned out to be malformed. */
  private refuse(fault: string): void {
    const { line, malformed } = this.ports;
    malformed(fault);
    line.reset(this.streamId, http2ErrorCodes.protocol_error);
    line.forget(this.streamId);
    this.body.spoil(new ProtocolError(fault));
    this.lose(`HTTP/2 protocol error of the client: ${fault}.`, new ProtocolError(fault));
  }
}

/** Why a stream is over, for its flow. */
function reasonOf({ by, errorCode, message }: StreamLoss): string {
  if (by === 'leaving') return clientLeft;
  if (by === 'peer') return `Client reset the stream: ${http2ErrorName(errorCode)}.`;
  if (by === 'connection') return `${message}.`;
  return `HTTP/2 protocol error of the client: ${message}.`;
}
