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
import type { Framing } from '../wire/http1-framing.js';
import type { RequestHead } from '../wire/http1-head.js';
import { Http1RequestReader } from '../wire/http1-reader.js';
import type { RequestEvent } from '../wire/http1-reader.js';
import { demandBodySize } from './body-size.js';
import { ConnectRequest } from './connect-request.js';
import type { ClientContext } from './context.js';
import { errorPage } from './error-page.js';
import { runExchange } from './exchange.js';
import { clientLeft } from './flow/flow-error.js';
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

/** A head that was read. */
interface Arrived {
  readonly head: RequestHead;
  readonly framing: Framing;
  /** Why its request may not be passed on. */
  readonly fault?: ProtocolError;
}

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
      this.stream?.lose(clientLeft);
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
    for (;;) {
      const reading = this.nextHead();
      const event = reading instanceof Promise ? await reading : reading;
      if (event === undefined) return undefined;
      const accepted = this.accept(event);
      const request = accepted instanceof Promise ? await accepted : accepted;
      if (request === undefined) return undefined;
      const fault = event.fault ?? this.faultOf(event, request);
      if (fault !== undefined) this.warn(fault);
      if (request.method === 'CONNECT') {
        const tunnel = await this.connect(request, fault);
        if (tunnel === 'closed') return undefined;
        if (tunnel !== undefined) return tunnel;
        continue;
      }
      const stream = this.streamOf(event, request, fault);
      await runExchange(this.parts, stream);
      this.stream = undefined;
      if (stream.isTakenOver) return 'taken over';
      if (fault !== undefined || stream.closes || !stream.isAnswered || !(await this.drain(stream))) return undefined;
    }
  }

  /** The next head; undefined when there is none, and the client was told why. */
  private nextHead(): Arrived | undefined | Promise<Arrived | undefined> {
    const { reader, source } = this;
    try {
      for (;;) {
        const event = reader.next();
        // Before a head there is nothing of a body.
        if (event !== undefined) return event as Extract<RequestEvent, { type: 'head' }>;
        const chunk = source.read();
        if (chunk instanceof Promise) return this.nextHeadLater(chunk);
        if (chunk === undefined) return undefined;
        reader.receive(chunk);
      }
    } catch (error) {
      const head = reader.refusedHead;
      if (head === undefined || !(error instanceof ProtocolError)) return this.refuse(error);
      return { head, framing: unknownFraming, fault: error };
    }
  }

  private async nextHeadLater(reading: Promise<Buffer | undefined>): Promise<Arrived | undefined> {
    const chunk = await reading;
    if (chunk === undefined) return undefined;
    this.reader.receive(chunk);
    return this.nextHead();
  }

  /** The request of a head; undefined when it was refused. */
  private accept({ head }: Arrived): Request | Promise<undefined> {
    try {
      return requestOf(head, this.parts.context.proxy.clock.now() / 1000);
    } catch (error) {
      return this.refuse(error);
    }
  }

  /** Why a request may not be passed on, if so. */
  private faultOf({ head }: Arrived, { headers }: Request): ProtocolError | undefined {
    try {
      if (head.mayHave('content-length') || head.mayHave('transfer-encoding')) demandBodySize(headers, true);
      if (this.parts.context.proxy.store.values.validateInboundHeaders) validateHeaders(headers);
      return undefined;
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  }

  private streamOf({ head, framing }: Arrived, request: Request, fault?: ProtocolError): Http1ClientStream {
    const { reader, source } = this;
    const body = new Http1IncomingBody(reader, source, framing, 'the client');
    const awaits = !body.isEmpty && head.mayHave('expect') && expectsContinue(head.values('expect'), head.httpVersion);
    const stream = new Http1ClientStream(this.parts.duplex, request, body, awaits, this.giveAway, fault);
    this.stream = stream;
    if (source.ending !== undefined) stream.lose(clientLeft);
    return stream;
  }

  private readonly giveAway = (): Buffer => {
    const { reader, source } = this;
    return Buffer.concat([reader.detach(), source.detach()]);
  };

  private async connect(request: Request, fault?: ProtocolError): Promise<Tunnel | 'closed' | undefined> {
    const { reader, parts } = this;
    // A CONNECT has no content, whatever its fields say (RFC 9110, section 9.3.6).
    if (fault === undefined) reader.receive(reader.detach());
    this.connecting = new AbortController();
    try {
      const outcome = await new ConnectRequest(parts, request, this.connecting.signal).perform(fault);
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
    // It may never come, and an exchange that was given up may wait for it still.
    if (awaits || body.isAwaited) return false;
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

  /** Answers what is no request: there is no flow of it. */
  private async refuse(error: unknown): Promise<undefined> {
    if (!(error instanceof ProtocolError)) throw error;
    this.warn(error);
    const page = errorPage(400, [error.message]);
    const body = bodyOf(page);
    const head = responseWithBody(page, body, { method: 'GET', isHttp10: false });
    for (const piece of wholeMessage(head, body)) await writeTo(this.parts.duplex, piece);
    return undefined;
  }

  private warn({ message }: ProtocolError): void {
    const { client, proxy } = this.parts.context;
    const [host, port] = client.peername ?? ['', 0];
    proxy.log.warn(`${formatAddress(host, port)}: bad request: ${message}`);
  }
}

/** Of a body that is not read. */
const unknownFraming: Framing = { by: 'close' };
