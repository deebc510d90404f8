/**
 * HTTP/2 with a client: a request on each stream, all of them answered as their exchanges go.
 *
 *     Http2Line -> Http2ClientStream -> exchange -> Http2ClientStream -> Http2Line
 */
import { isError } from '../errors.js';
import type { Duplex } from 'node:stream';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { lineRepr } from '../wire/bytes-repr.js';
import type { HeaderField } from '../wire/header-field.js';
import { http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import { errorPage } from './error-page.js';
import { runExchange } from './exchange.js';
import type { ExchangeParts } from './exchange.js';
import { Http2Calm } from './http2-calm.js';
import type { Http2ClientPorts } from './http2-client-stream.js';
import { Http2ClientStream } from './http2-client-stream.js';
import { Http2Line } from './http2-line.js';
import type { Http2LineOwner } from './http2-line.js';
import { requestFault } from './http2-malformed.js';
import { readRequest } from './http2-message.js';
import type { Log } from './hooks/log.js';
import type { Response } from './message/response.js';
import type { HttpSession } from './route.js';

/** Streams that a client may have open. */
const maximumStreams = 128;
/** Exchanges that may be under way: those of streams that were reset are not over at once. */
const maximumExchanges = 2 * maximumStreams;
/** Requests that may be malformed before the client is sent away. */
const maximumMalformed = 100;
/** Bytes of a request that may arrive before they are read, and those of all requests. */
const streamWindow = 256 * 1024;
const connectionWindow = 16 * 1024 * 1024;

/** What a session works with. */
export interface Http2SessionParts extends ExchangeParts {
  readonly duplex: Duplex;
  /** What was read from it already. */
  readonly first?: Buffer | undefined;
}

export class Http2Session implements HttpSession, Http2LineOwner {
  private readonly line: Http2Line;
  private readonly ports: Http2ClientPorts;
  private readonly exchanges = new Set<Promise<void>>();

  /** Requests that were malformed. */
  private malformed = 0;

  /** @param exchange runs one exchange, and does not reject */
  constructor(
    private readonly parts: Http2SessionParts,
    private readonly exchange: typeof runExchange = runExchange,
  ) {
    const { context, duplex, first } = parts;
    const { clock, signal, store } = context.proxy;
    const [host, port] = context.client.peername ?? ['', 0];
    const address = formatAddress(host, port);
    const settings = { max_concurrent_streams: maximumStreams, initial_window_size: streamWindow };
    const calm = new Http2Calm(clock);
    const line = new Http2Line(
      { role: 'server', duplex, first, clock, signal, settings, connectionWindow, calm },
      this,
    );
    this.line = line;
    this.ports = {
      ...{ line, address, malformed: this.noteMalformed },
      get validate() {
        return store.values.validateInboundHeaders;
      },
      get normalize() {
        return store.values.normalizeOutboundHeaders;
      },
    };
  }

  get busy(): boolean {
    return this.exchanges.size > 0;
  }

  async run(): Promise<undefined> {
    const { duplex, context } = this.parts;
    const { signal, clock } = context.proxy;
    const forget = onAbort(signal, () => duplex.destroy());
    await this.line.run();
    while (this.exchanges.size > 0) await Promise.all(this.exchanges);
    forget();
    await hangUp(duplex, clock, signal);
    return undefined;
  }

  opened(streamId: number, fields: readonly HeaderField[], endStream: boolean): void {
    const { line, ports } = this;
    if (this.exchanges.size >= maximumExchanges) {
      line.reset(streamId, http2ErrorCodes.refused_stream);
      return;
    }
    const fault = ports.validate ? requestFault(fields) : undefined;
    const request = fault === undefined ? readRequest(fields, this.parts.context.proxy.clock.now() / 1000) : undefined;
    if (request === undefined) {
      line.reset(streamId, http2ErrorCodes.protocol_error);
      this.noteMalformed(fault ?? 'there is no :method or no :path');
      return;
    }
    this.serve(new Http2ClientStream(ports, streamId, request, fields, endStream));
  }

  goaway(_lastStreamId: number, errorCode: number, debug: Buffer): void {
    if (errorCode === http2ErrorCodes.no_error) return;
    const words = debug.length === 0 ? '' : ` ${lineRepr(debug)}`;
    this.log.info(`${this.ports.address}: GOAWAY from the client: ${http2ErrorName(errorCode)}${words}`);
  }

  violated(message: string): void {
    this.log.warn(`${this.ports.address}: HTTP/2 protocol error of the client: ${message}`);
  }

  moved(): void {
    // A session opens no streams.
  }

  received(): void {
    // Clients may be silent for as long as they like.
  }

  private readonly noteMalformed = (fault: string): void => {
    this.log.warn(`${this.ports.address}: malformed request over HTTP/2: ${fault}`);
    if (++this.malformed > maximumMalformed) this.line.close(http2ErrorCodes.enhance_your_calm);
  };

  private get log(): Log {
    return this.parts.context.proxy.log;
  }

  private serve(stream: Http2ClientStream): void {
    if (stream.request.method === 'CONNECT') {
      void stream.sendWhole(noTunnel());
      stream.finish();
      return;
    }
    const life = this.exchange(this.parts, stream)
      .catch(this.noteFailure)
      .then(() => {
        this.exchanges.delete(life);
        stream.finish();
      });
    this.exchanges.add(life);
  }

  private readonly noteFailure = (error: unknown): void => {
    const message = isError(error) ? error.message : String(error);
    this.log.error(`internal error: ${message}`);
  };
}

function noTunnel(): Response {
  return errorPage(501, ['CONNECT over HTTP/2 is not supported here. Speak HTTP/1.1 with this proxy.']);
}
