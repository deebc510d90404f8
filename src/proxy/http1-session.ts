/**
 * HTTP/1 with a client: one request after the other, each answered before the next is read.
 *
 *     ByteSource -> Http1RequestReader -> exchange -> Http1ClientStream
 */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.js';
import { ByteSource } from '../net/byte-source.js';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { writeTo } from '../net/write-to.js';
import { expectsContinue } from '../wire/http1-framing.js';
import { Http1RequestReader } from '../wire/http1-reader.js';
import type { RequestEvent } from '../wire/http1-reader.js';
import { demandBodySize } from './body-size.js';
import { ConnectRequest } from './connect-request.js';
import type { ClientContext } from './context.js';
import { errorPage } from './error-page.js';
import { runExchange } from './exchange.js';
import { aimRequest, plannedConnection } from './exchange-target.js';
import { HttpFlow } from './flow/http-flow.js';
import type { Upstreams } from './http-upstream.js';
import { Http1ClientStream } from './http1-client-stream.js';
import { Http1IncomingBody } from './http1-incoming-body.js';
import { requestOf } from './http1-messages.js';
import { bodyOf, responseWithBody, wholeMessage } from './http1-writer.js';
import type { Request } from './message/request.js';
import type { HttpSession, Route, Tunnel } from './route.js';
import { validateHeaders } from './validate-headers.js';

/** What a session works with. */
export interface Http1SessionParts {
  readonly context: ClientContext;
  readonly route: Route;
  readonly upstreams: Upstreams;
  readonly duplex: Duplex;
  /** What was read from the stream already. */
  readonly first?: Buffer | undefined;
}

type HeadEvent = Extract<RequestEvent, { type: 'head' }>;

/** Bytes of a request that nobody wants which are read so that the connection can be used again. */
const mostDrained = 256 * 1024;

export class Http1Session implements HttpSession {
  private readonly source: ByteSource;
  private readonly reader = new Http1RequestReader({ strict: true });
  private stream: Http1ClientStream | undefined;
  /** While a CONNECT request is dealt with: aborts when the client leaves. */
  private connecting: AbortController | undefined;

  constructor(private readonly parts: Http1SessionParts) {
    this.source = new ByteSource(parts.duplex, parts.first);
  }

  get busy(): boolean {
    // A WebSocket is no request any more.
    const answering = this.stream !== undefined && !this.stream.isTakenOver;
    return this.connecting !== undefined || answering || this.reader.midMessage;
  }

  async run(): Promise<Tunnel | undefined> {
    const { duplex, context } = this.parts;
    const { clock, signal } = context.proxy;
    const forget = onAbort(signal, () => {
      // What took the connection over has a last word.
      if (this.stream?.isTakenOver !== true) duplex.destroy();
    });
    this.source.whenEnded(() => {
      this.stream?.lose('Client disconnected.');
      this.connecting?.abort('left');
    });
    try {
      const outcome = await this.serve();
      if (outcome === 'taken over') return undefined;
      if (outcome !== undefined) return outcome;
    } finally {
      forget();
    }
    this.source.whenEnded(undefined);
    await hangUp(duplex, clock, signal);
    return undefined;
  }

  private async serve(): Promise<Tunnel | 'taken over' | undefined> {
    const { route } = this.parts;
    for (;;) {
      const reading = this.nextHead();
      const event = reading instanceof Promise ? await reading : reading;
      if (event === undefined) return undefined;
      const accepted = this.accept(event);
      const request = accepted instanceof Promise ? await accepted : accepted;
      if (request === undefined) return undefined;
      if (request.method === 'CONNECT') {
        if (route.fixed !== undefined) {
          await this.refuse(
            400,
            'CONNECT is for proxies that clients know of; here the connection leads to one server.',
            request,
          );
          return undefined;
        }
        const tunnel = await this.connect(request);
        if (tunnel === 'closed') return undefined;
        if (tunnel !== undefined) return tunnel;
        continue;
      }
      const stream = this.streamOf(event, request);
      await runExchange(this.parts, stream);
      this.stream = undefined;
      if (stream.isTakenOver) return 'taken over';
      if (stream.closes || !stream.isAnswered || !(await this.drain(stream))) return undefined;
    }
  }

  /** The next head; undefined when there is none, and the client was told why. */
  private nextHead(): HeadEvent | undefined | Promise<HeadEvent | undefined> {
    const { reader, source } = this;
    try {
      for (;;) {
        const event = reader.next();
        // Before a head there is nothing of a body.
        if (event !== undefined) return event as HeadEvent;
        const chunk = source.read();
        if (chunk instanceof Promise) return this.nextHeadLater(chunk);
        if (chunk === undefined) return undefined;
        reader.receive(chunk);
      }
    } catch (error) {
      return this.refuseFor(error);
    }
  }

  private async nextHeadLater(reading: Promise<Buffer | undefined>): Promise<HeadEvent | undefined> {
    const chunk = await reading;
    if (chunk === undefined) return undefined;
    this.reader.receive(chunk);
    return this.nextHead();
  }

  /** The request of a head; undefined when it was refused. */
  private accept({ head }: HeadEvent): Request | Promise<undefined> {
    const { clock, store } = this.parts.context.proxy;
    let request: Request | undefined;
    try {
      request = requestOf(head, clock.now() / 1000);
      if (head.mayHave('content-length') || head.mayHave('transfer-encoding')) demandBodySize(request.headers, true);
      if (store.values.validateInboundHeaders) validateHeaders(request.headers);
      return request;
    } catch (error) {
      return this.refuseFor(error, request);
    }
  }

  private streamOf({ head, framing }: HeadEvent, request: Request): Http1ClientStream {
    const { reader, source } = this;
    const body = new Http1IncomingBody(reader, source, framing, 'the client');
    const awaits = !body.isEmpty && head.mayHave('expect') && expectsContinue(head.values('expect'), head.httpVersion);
    const stream = new Http1ClientStream(this.parts.duplex, request, body, awaits, this.giveAway);
    this.stream = stream;
    if (source.ending !== undefined) stream.lose('Client disconnected.');
    return stream;
  }

  private readonly giveAway = (): Buffer => {
    const { reader, source } = this;
    return Buffer.concat([reader.detach(), source.detach()]);
  };

  private async connect(request: Request): Promise<Tunnel | 'closed' | undefined> {
    const { reader, parts } = this;
    // A CONNECT has no content, whatever its fields say (RFC 9110, section 9.3.6).
    reader.receive(reader.detach());
    this.connecting = new AbortController();
    try {
      const outcome = await new ConnectRequest(parts, request, this.connecting.signal).perform();
      if (outcome === 'refused') return undefined;
      if (outcome === 'closed') return outcome;
      return { duplex: parts.duplex, rest: this.giveAway(), ...outcome };
    } finally {
      this.connecting = undefined;
    }
  }

  /** Reads what is left of a request that was answered early. Gives whether another may follow. */
  private async drain({ body, expectsContinue: awaits }: Http1ClientStream): Promise<boolean> {
    if (body.isOver) return true;
    // It may never come.
    if (awaits) return false;
    let size = 0;
    try {
      while (size <= mostDrained) {
        const piece = await body.read();
        if (piece === undefined) return true;
        size += piece.length;
      }
    } catch {
      // The answer was sent; what is wrong with the rest does not matter any more.
    }
    return false;
  }

  private async refuseFor(error: unknown, request?: Request): Promise<undefined> {
    if (!(error instanceof ProtocolError)) throw error;
    await this.refuse(400, error.message, request);
    return undefined;
  }

  /** Answers what is no request, or none that may be passed on; there is a flow of it if its head could be read. */
  private async refuse(status: number, message: string, request?: Request): Promise<void> {
    const { context, duplex, route } = this.parts;
    const { log, hooks, clock } = context.proxy;
    const [host, port] = context.client.peername ?? ['', 0];
    log.warn(`${formatAddress(host, port)}: bad request: ${message}`);
    if (request !== undefined) {
      aimRequest(request, route);
      const flow = new HttpFlow(request, {
        clientConn: context.client,
        serverConn: plannedConnection(request, route),
      });
      flow.error = { message, timestamp: clock.now() / 1000 };
      await hooks.fireFlow('error', flow);
    }
    const page = errorPage(status, [message]);
    const body = bodyOf(page);
    const head = responseWithBody(page, body, { method: request?.rawMethod ?? 'GET', isHttp10: false });
    for (const piece of wholeMessage(head, body)) await writeTo(duplex, piece);
  }
}
