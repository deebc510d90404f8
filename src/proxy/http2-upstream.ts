/**
 * HTTP/2 with a server: many exchanges at a time on one connection.
 *
 *     exchange -> Http2ServerStream -> Http2Line
 */
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { lineRepr } from '../wire/bytes-repr.js';
import { http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import type { ClientContext } from './context.js';
import type { HttpUpstream } from './http-upstream.js';
import { Http2Keepalive } from './http2-keepalive.js';
import { Http2Line } from './http2-line.js';
import type { Http2LineOwner, StreamLoss } from './http2-line.js';
import type { Http2ServerPorts } from './http2-server-stream.js';
import { Http2ServerStream } from './http2-server-stream.js';
import { serverDisconnected } from './server-disconnected.js';
import type { ServerLink } from './server-link.js';

/** Bytes of a response that may arrive before they are read, and those of all responses. */
const streamWindow = 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;
/** Ids of streams end here (RFC 9113, section 5.1.1). */
const lastStreamId = 0x7fffffff;

export class Http2Upstream implements HttpUpstream, Http2LineOwner {
  private readonly line: Http2Line;
  private readonly ports: Http2ServerPorts;
  private readonly keepalive: Http2Keepalive;
  /** Streams that wait until the server takes one more, and what opens each. */
  private readonly waiting = new Map<Http2ServerStream, () => void>();
  private inUse = 0;
  private isFirst = true;
  /** What the server said when it said GOAWAY. */
  private farewell: string | undefined;

  /** @param link a connection on which nothing was sent so far */
  constructor(
    private readonly context: ClientContext,
    readonly link: ServerLink,
  ) {
    const { clock, signal, store } = context.proxy;
    const { connection, destination, duplex } = link;
    const settings = { enable_push: 0, initial_window_size: streamWindow };
    const line = new Http2Line({ role: 'client', duplex, clock, signal, settings, connectionWindow }, this);
    this.line = line;
    this.ports = {
      ...{ line, connection, whenRoom: this.whenRoom, released: this.released, explain: this.explain },
      address: formatAddress(...destination.address),
      withdraw: (stream) => this.waiting.delete(stream),
      now: () => clock.now() / 1000,
      get validate() {
        return store.values.validateInboundHeaders;
      },
      get normalize() {
        return store.values.normalizeOutboundHeaders;
      },
    };
    const { http2PingKeepalive: seconds } = store.values;
    this.keepalive = new Http2Keepalive(clock, seconds, {
      ping: () => {
        line.ping();
      },
      giveUp: () => {
        line.giveUp(`the server did not answer PING within ${String(seconds)} s`);
      },
    });
    void this.serve();
  }

  get canOpen(): boolean {
    return !this.isClosed && this.hasRoom;
  }

  get isClosed(): boolean {
    return this.line.isOver || this.farewell !== undefined || this.line.connection.nextStreamId > lastStreamId;
  }

  open(): Http2ServerStream {
    const stream = new Http2ServerStream(this.ports, !this.isFirst);
    this.isFirst = false;
    this.inUse++;
    return stream;
  }

  close(): void {
    this.line.close(http2ErrorCodes.no_error);
    this.refuseWaiting();
    void serverDisconnected(this.context, this.link.connection);
  }

  opened(): void {
    // A server opens no streams: it was told not to push.
  }

  goaway(_lastStreamId: number, errorCode: number, debug: Buffer): void {
    this.farewell = `${http2ErrorName(errorCode)}${debug.length === 0 ? '' : ` ${lineRepr(debug)}`}`;
    this.refuseWaiting();
    if (this.inUse === 0) this.close();
  }

  moved(): void {
    const { waiting, line } = this;
    if (waiting.size === 0) return;
    for (const [stream, begin] of waiting) {
      if (this.isClosed || !line.canOpen) return;
      waiting.delete(stream);
      begin();
    }
  }

  received(): void {
    this.keepalive.touch();
  }

  violated(message: string): void {
    this.context.proxy.log.warn(`${this.ports.address}: HTTP/2 protocol error of the server: ${message}`);
  }

  private async serve(): Promise<void> {
    const { context, keepalive, line, link } = this;
    const { clock, signal } = context.proxy;
    const forget = onAbort(signal, () => link.duplex.destroy());
    await line.run();
    keepalive.stop();
    this.refuseWaiting();
    await serverDisconnected(context, link.connection);
    await hangUp(link.duplex, clock, signal);
    forget();
  }

  private get hasRoom(): boolean {
    return this.waiting.size === 0 && this.line.canOpen;
  }

  private readonly whenRoom = (stream: Http2ServerStream, begin: () => void): void => {
    if (this.isClosed) stream.lost({ by: 'goaway', errorCode: 0, message: '' });
    else if (this.hasRoom) begin();
    else this.waiting.set(stream, begin);
  };

  private refuseWaiting(): void {
    for (const stream of this.waiting.keys()) stream.lost({ by: 'goaway', errorCode: 0, message: '' });
    this.waiting.clear();
  }

  private readonly released = (): void => {
    this.inUse--;
    if (this.isClosed && this.inUse === 0) this.close();
  };

  private readonly explain = ({ by, errorCode, message }: StreamLoss): string => {
    const { farewell } = this;
    const told = farewell === undefined ? '' : `, with GOAWAY: ${farewell}`;
    switch (by) {
      case 'peer':
        return `the server reset the stream: ${http2ErrorName(errorCode)}`;
      case 'us':
        return `HTTP/2 protocol error of the server: ${message}`;
      case 'goaway':
        return `the server takes no more requests on this connection${farewell === undefined ? '' : `: ${farewell}`}`;
      case 'leaving': {
        const why = message === '' ? '' : `: ${message}`;
        return `the server closed the connection before its answer was complete${told}${why}`;
      }
      case 'connection':
        return `${message}${told}`;
    }
  };
}
