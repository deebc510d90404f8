/**
 * HTTP/2 with a client: a request on each stream, all of them answered as their exchanges go.
 *
 *     Http2Line -> Http2ClientStream -> exchange -> Http2ClientStream -> Http2Line
 */
import type { Duplex } from 'node:stream';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import type { HeaderField } from '../wire/header-field.js';
import { http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import type { ClientContext } from './context.js';
import type { ClientStream } from './http-stream.js';
import type { Upstreams } from './http-upstream.js';
import type { Http2ClientPorts } from './http2-client-stream.js';
import { Http2ClientStream } from './http2-client-stream.js';
import { Http2Line } from './http2-line.js';
import { requestFault } from './http2-malformed.js';
import { readRequest } from './http2-message.js';
import { Response } from './message/response.js';
import type { HttpSession, Route } from './route.js';

/** Streams that a client may have open. */
const maximumStreams = 128;
/** Exchanges that may be under way: those of streams that were reset are not over at once. */
const maximumExchanges = 2 * maximumStreams;
/** Bytes of a request that may arrive before they are read, and those of all requests. */
const streamWindow = 256 * 1024;
const connectionWindow = 16 * 1024 * 1024;

/** What a session works with. */
export interface Http2SessionPorts {
  readonly context: ClientContext;
  readonly route: Route;
  readonly upstreams: Upstreams;
  readonly duplex: Duplex;
  /** What was read from it already. */
  readonly first?: Buffer;
  /** Runs one exchange. Never rejects. */
  readonly exchange: (stream: ClientStream) => void | Promise<void>;
}

export class Http2Session implements HttpSession {
  private readonly line: Http2Line;
  private readonly ports: Http2ClientPorts;
  private readonly exchanges = new Set<Promise<void>>();

  constructor(private readonly session: Http2SessionPorts) {
    const { context, duplex, first } = session;
    const { clock, signal, store, log } = context.proxy;
    const [host, port] = context.client.peername ?? ['', 0];
    const address = formatAddress(host, port);
    const malformed = (fault: string): void => {
      log.warn(`${address}: malformed request over HTTP/2: ${fault}`);
    };
    this.line = new Http2Line(
      {
        ...{ role: 'server', duplex, first, clock, signal, connectionWindow },
        settings: { max_concurrent_streams: maximumStreams, initial_window_size: streamWindow },
      },
      {
        opened: this.opened,
        goaway: (_, errorCode, debug) => {
          if (errorCode === http2ErrorCodes.no_error) return;
          log.info(`${address}: GOAWAY: ${`${http2ErrorName(errorCode)} ${debug.toString('latin1')}`.trim()}`);
        },
        moved: nothing,
        received: nothing,
        violated: (message) => {
          log.warn(`${address}: HTTP/2 protocol error: ${message}`);
        },
      },
    );
    const { validateInboundHeaders: validate, normalizeOutboundHeaders: normalize } = store.values;
    this.ports = { line: this.line, address, validate, normalize, malformed };
  }

  get busy(): boolean {
    return this.exchanges.size > 0;
  }

  async run(): Promise<undefined> {
    const { duplex, context } = this.session;
    const { signal, clock } = context.proxy;
    const forget = onAbort(signal, () => duplex.destroy());
    await this.line.run();
    while (this.exchanges.size > 0) await Promise.all(this.exchanges);
    forget();
    await hangUp(duplex, clock, signal);
    return undefined;
  }

  private readonly opened = (streamId: number, fields: readonly HeaderField[], endStream: boolean): void => {
    const { line, ports } = this;
    if (this.exchanges.size >= maximumExchanges) {
      line.reset(streamId, http2ErrorCodes.refused_stream);
      return;
    }
    const fault = ports.validate ? requestFault(fields) : undefined;
    const request =
      fault === undefined ? readRequest(fields, this.session.context.proxy.clock.now() / 1000) : undefined;
    if (request === undefined) {
      ports.malformed(fault ?? 'there is no :method or no :path');
      line.reset(streamId, http2ErrorCodes.protocol_error);
      return;
    }
    this.serve(new Http2ClientStream(ports, streamId, request, fields, endStream));
  };

  private serve(stream: Http2ClientStream): void {
    const waiting = stream.request.method === 'CONNECT' ? stream.sendWhole(noTunnel()) : this.session.exchange(stream);
    if (waiting === undefined) {
      stream.finish();
      return;
    }
    const life = waiting.then(
      () => {
        this.over(stream, life);
      },
      (error: unknown) => {
        this.session.context.proxy.log.error(
          `internal error: ${error instanceof Error ? error.message : String(error)}`,
        );
        this.over(stream, life);
      },
    );
    this.exchanges.add(life);
  }

  private over(stream: Http2ClientStream, life: Promise<void>): void {
    this.exchanges.delete(life);
    stream.finish();
  }
}

function noTunnel(): Response {
  return Response.make(501, 'CONNECT over HTTP/2 is not supported here; use HTTP/1.1 with this proxy.\n', {
    'content-type': 'text/plain; charset=utf-8',
  });
}

function nothing(): void {
  // A session does nothing on its own account.
}
