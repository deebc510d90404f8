import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ConnectionError, ProtocolError } from '../errors.js';
import { systemReason } from '../net/system-error.js';
import { writeSoon } from '../net/write-soon.js';
import { writePieces, writeTo } from '../net/write-to.js';
import type { ResponseHead } from '../wire/http1-head.js';
import type { ResponseEvent } from '../wire/http1-reader.js';
import { demandBodySize } from './body-size.js';
import { closesConnection } from './connection-close.js';
import type { ServerConnection } from './flow/connection.js';
import type { OutgoingBody, ServerAnswer, ServerStream, TakenOver } from './http-stream.js';
import { Http1IncomingBody } from './http1-incoming-body.js';
import { responseOf } from './http1-messages.js';
import { Http1OutgoingBody } from './http1-outgoing-body.js';
import type { Http1Upstream } from './http1-upstream.js';
import { bodyOf, headBytes, requestBeforeBody, requestWithBody, wholeMessage } from './http1-writer.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';
import { validateHeaders } from './validate-headers.js';

/** Informational responses that a server may send before its answer: some send them without end. */
const mostInformational = 1000;

/** One exchange on a connection to a server that speaks HTTP/1. */
export class Http1ServerStream implements ServerStream {
  hasSpoken = false;
  private isSent = false;
  private closes = false;
  private body: Http1IncomingBody | undefined;

  constructor(
    private readonly upstream: Http1Upstream,
    readonly isReused: boolean,
  ) {}

  get connection(): ServerConnection {
    return this.upstream.link.connection;
  }

  sendWhole(request: Request): void | Promise<void> {
    const body = bodyOf(request);
    this.begin(request);
    this.isSent = true;
    const { link, absolute } = this.upstream;
    const pieces = wholeMessage(requestWithBody(request, body, absolute), body, request.trailers);
    // Other streams than sockets tell later that something was sent: the answer could be there before that, and the
    // connection would seem not to be at rest.
    const isSocket = link.duplex instanceof Socket && !(link.duplex instanceof TLSSocket);
    return isSocket ? writeSoon(link.duplex, pieces) : writePieces(link.duplex, pieces);
  }

  sendHead(request: Request): OutgoingBody {
    const { upstream } = this;
    const { duplex } = upstream.link;
    this.begin(request);
    const { startLine, headers, as } = requestBeforeBody(request, upstream.absolute);
    void writeTo(duplex, headBytes(startLine, headers.lines));
    return new Http1OutgoingBody(duplex, as === 'chunks', () => {
      this.isSent = true;
    });
  }

  async receive(onInformational: (response: Response) => void): Promise<ServerAnswer> {
    const { reader } = this.upstream;
    for (let informational = 0; ;) {
      const event = this.nextEvent();
      if (event === undefined) {
        const reading = this.upstream.source.read();
        const chunk = reading instanceof Promise ? await reading : reading;
        if (chunk === undefined) this.noteEnd();
        else {
          this.hasSpoken = true;
          reader.receive(chunk);
        }
      } else if (event.type === 'informational') {
        onInformational(this.responseOf(event.head));
        if (++informational > mostInformational)
          throw new ProtocolError(`the server sent more than ${String(mostInformational)} informational responses`);
      } else if (event.type === 'head') {
        const response = this.responseOf(event.head);
        if (event.framing.by !== 'none') demandBodySize(response.headers, false);
        this.body = new Http1IncomingBody(reader, this.upstream.source, event.framing, 'the server');
        const isSwitched = response.statusCode === 101;
        this.closes ||= isSwitched || this.body.endsWithConnection || closesConnection(response);
        return { response, body: this.body };
      }
    }
  }

  release(): void {
    this.upstream.done(this, this.isSent && !this.closes && this.body?.isOver === true);
  }

  takeOver(): TakenOver {
    const { duplex } = this.upstream.link;
    return { duplex, rest: this.upstream.giveAway() };
  }

  private begin(request: Request): void {
    // Methods have case (RFC 9110, section 9.1): to a server, `head` is not HEAD.
    this.upstream.reader.requestMethod = request.rawMethod;
    this.closes = closesConnection(request);
  }

  private nextEvent(): ResponseEvent | undefined {
    try {
      return this.upstream.reader.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError(`the response cannot be read: ${error.message}`, { cause: error });
    }
  }

  private responseOf(head: ResponseHead): Response {
    const { clock, store } = this.upstream.context.proxy;
    const response = responseOf(head, clock.now() / 1000);
    if (store.values.validateInboundHeaders) validateHeaders(response.headers);
    return response;
  }

  /** @throws {ConnectionError} when the server left without a word; half a head is for the reader to complain about */
  private noteEnd(): void {
    const { reader, source, link } = this.upstream;
    const { ending } = source;
    if (reader.waiting > 0 && ending?.how === 'end') {
      reader.finish();
      return;
    }
    const error = ending?.how === 'closed' ? ending.error : undefined;
    const why = error === undefined ? '' : `: ${systemReason(error).reason}`;
    const address = String(link.destination.address[0]);
    throw new ConnectionError(`the server closed the connection and gave no answer${why}`, 'read', address, {
      cause: error,
    });
  }
}
