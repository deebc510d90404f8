import { ConnectionError, ProtocolError } from '../errors.js';
import type { HeaderField } from '../wire/header-field.js';
import { http2ErrorCodes } from '../wire/http2-registry.js';
import type { ServerConnection } from './flow/connection.js';
import type { OutgoingBody, ServerAnswer, ServerStream } from './http-stream.js';
import { Http2IncomingBody } from './http2-incoming-body.js';
import type { Http2Lane, Http2Line, StreamLoss } from './http2-line.js';
import { responseFault, trailersFault } from './http2-malformed.js';
import { contentLength, readResponse, requestFields, trailerFields } from './http2-message.js';
import type { FieldsOptions } from './http2-message.js';
import { Http2OutgoingBody } from './http2-outgoing-body.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';

/** Responses with a code 1xx that a request may have: a server that sends them for ever is not listened to for ever. */
const maximumInformational = 1000;

const nothing = Buffer.alloc(0);

/** What a stream needs of its connection. */
export interface Http2ServerPorts extends FieldsOptions {
  readonly line: Http2Line;
  readonly connection: ServerConnection;
  /** The server, for messages. */
  readonly address: string;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Calls back as soon as the server takes one more stream; at once, when it does now. */
  readonly whenRoom: (stream: Http2ServerStream, begin: () => void) => void;
  /** The stream does not wait for room any more. */
  readonly withdraw: (stream: Http2ServerStream) => void;
  /** In words, why a stream is over. */
  readonly explain: (loss: StreamLoss) => string;
  /** The exchange is over. */
  readonly released: () => void;
}

/** Somebody who waits for the response. */
interface Receiver {
  readonly resolve: (answer: ServerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** A stream to a server: one request, and its response. It is opened when the request is sent. */
export class Http2ServerStream implements ServerStream, Http2Lane {
  private streamId = 0;
  private method = '';
  private outgoing: Http2OutgoingBody | undefined;
  private answer: ServerAnswer | undefined;
  private incoming: Http2IncomingBody | undefined;
  private failure: ProtocolError | ConnectionError | undefined;
  private receiver: Receiver | undefined;
  private onInformational: ((response: Response) => void) | undefined;
  private informational: Response[] = [];
  private informationalCount = 0;
  private wasNotHandled = false;
  private isReleased = false;

  /** @param isReused whether another stream was opened on the connection before */
  constructor(
    private readonly ports: Http2ServerPorts,
    readonly isReused: boolean,
  ) {}

  get connection(): ServerConnection {
    return this.ports.connection;
  }

  get isUnhandled(): boolean {
    return this.wasNotHandled;
  }

  get hasSpoken(): boolean {
    return this.informationalCount > 0;
  }

  sendWhole(request: Request): void | Promise<void> {
    const { trailers, rawContent: content } = request;
    const hasTrailers = trailers !== undefined && trailers.size > 0;
    const length = content?.length ?? 0;
    const isAll = length === 0 && !hasTrailers;
    // What cannot be sent is found out before anything is.
    if (hasTrailers) trailerFields(trailers, this.ports);
    const body = this.begin(request, isAll, length);
    if (isAll) return undefined;
    return body.sendAll(content ?? nothing, trailers);
  }

  sendHead(request: Request): OutgoingBody {
    return this.begin(request, false);
  }

  receive(onInformational: (response: Response) => void): ServerAnswer | Promise<ServerAnswer> {
    this.onInformational = onInformational;
    for (const response of this.informational) onInformational(response);
    this.informational = [];
    if (this.answer !== undefined) return this.answer;
    if (this.failure !== undefined) throw this.failure;
    return new Promise((resolve, reject) => {
      this.receiver = { resolve, reject };
    });
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    const { ports, streamId, outgoing, incoming } = this;
    if (streamId === 0) ports.withdraw(this);
    else ports.line.forget(streamId);
    if (outgoing?.isEnded !== true || incoming?.isComplete !== true) {
      if (streamId !== 0) ports.line.reset(streamId, http2ErrorCodes.cancel);
      this.lose(new ConnectionError('the exchange is over', 'read', ports.address));
    }
    incoming?.discard();
    ports.released();
  }

  head(fields: readonly HeaderField[], endStream: boolean, informational: boolean): void {
    const fault = this.ports.validate ? responseFault(fields) : undefined;
    const response = fault === undefined ? readResponse(fields, this.ports.now()) : undefined;
    if (response === undefined) this.refuse(`malformed response over HTTP/2: ${fault ?? 'there is no :status'}`);
    else if (informational) this.inform(response);
    else this.respond(response, fields, endStream);
  }

  data(data: Buffer): void {
    const { incoming } = this;
    if (incoming === undefined) return;
    incoming.count(data.length);
    if (this.isSound(incoming)) incoming.add(data);
    else incoming.drop(data);
  }

  trailers(fields: readonly HeaderField[]): void {
    const fault = this.ports.validate ? trailersFault(fields) : undefined;
    if (fault === undefined) this.incoming?.addTrailers(fields);
    else this.refuse(`malformed trailers over HTTP/2: ${fault}`);
  }

  ended(): void {
    const { incoming } = this;
    if (incoming === undefined) return;
    incoming.isComplete = true;
    if (this.isSound(incoming)) incoming.finish();
  }

  drained(): void {
    this.outgoing?.drained();
  }

  lost(loss: StreamLoss): void {
    const { by, errorCode } = loss;
    // RFC 9113, section 8.7.
    this.wasNotHandled = by === 'goaway' || (by === 'peer' && errorCode === http2ErrorCodes.refused_stream);
    const message = this.ports.explain(loss);
    this.lose(by === 'us' ? new ProtocolError(message) : new ConnectionError(message, 'read', this.ports.address));
  }

  /** Opens the stream with the head of the request, as soon as there is room. */
  private begin(request: Request, endStream: boolean, length?: number): Http2OutgoingBody {
    const { line, whenRoom } = this.ports;
    const fields = requestFields(request, this.ports, length);
    const outgoing = new Http2OutgoingBody(line, 0, this.ports);
    this.outgoing = outgoing;
    this.method = request.method;
    outgoing.isEnded = endStream;
    whenRoom(this, () => {
      this.streamId = line.connection.openStream();
      line.mind(this.streamId, this);
      line.connection.sendHeaders(this.streamId, fields, { endStream });
      line.sendSoon();
      outgoing.open(this.streamId);
    });
    return outgoing;
  }

  private inform(response: Response): void {
    if (++this.informationalCount > maximumInformational) {
      this.refuse(`more than ${String(maximumInformational)} informational responses`);
    } else if (this.onInformational === undefined) this.informational.push(response);
    else this.onInformational(response);
  }

  private respond(response: Response, fields: readonly HeaderField[], endStream: boolean): void {
    const hasLength = !endStream && this.method !== 'HEAD' && response.statusCode !== 304;
    const { line } = this.ports;
    this.incoming = new Http2IncomingBody(
      line,
      this.streamId,
      endStream,
      hasLength ? contentLength(fields) : undefined,
    );
    this.answer = { response, body: this.incoming };
    this.receiver?.resolve(this.answer);
    this.receiver = undefined;
  }

  /** Refuses a body that is not as long as it was said to be: over HTTP/1, the rest would be a response of its own. */
  private isSound({ complaint }: Http2IncomingBody): boolean {
    if (complaint === undefined || !this.ports.validate) return true;
    this.refuse(`malformed response over HTTP/2: ${complaint}`);
    return false;
  }

  private refuse(message: string): void {
    const { line } = this.ports;
    line.reset(this.streamId, http2ErrorCodes.protocol_error);
    line.forget(this.streamId);
    const error = new ProtocolError(message);
    this.incoming?.spoil(error);
    this.lose(error);
  }

  private lose(error: ProtocolError | ConnectionError): void {
    this.failure ??= error;
    this.incoming?.fail(error);
    this.outgoing?.open(this.streamId);
    this.outgoing?.drained();
    this.receiver?.reject(error);
    this.receiver = undefined;
  }
}
