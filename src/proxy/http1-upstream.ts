/** HTTP/1 spoken with a server: one exchange after the other on a connection. */
import { ByteSource } from '../net/byte-source.js';
import { Http1ResponseReader } from '../wire/http1-reader.js';
import { closeLink } from './close-link.js';
import type { ClientContext } from './context.js';
import { Http1ServerStream } from './http1-server-stream.js';
import type { HttpUpstream } from './http-upstream.js';
import { sameDestination } from './server-link.js';
import type { Destination, ServerLink } from './server-link.js';

export interface Http1UpstreamOptions {
  /** Whether requests name the whole URL: the peer is a proxy that is to fetch it. */
  readonly absolute: boolean;
  /** Whether the connection was made some time ago, so that the server may have given it up. */
  readonly isOld: boolean;
  /** Called when an exchange is over and another may follow. */
  readonly onIdle: (upstream: Http1Upstream) => void;
}

export class Http1Upstream implements HttpUpstream {
  readonly source: ByteSource;
  readonly reader = new Http1ResponseReader();
  readonly absolute: boolean;
  private stream: Http1ServerStream | undefined;
  private isUsed = false;
  private mayBeStale: boolean;
  private closed = false;

  constructor(
    readonly context: ClientContext,
    readonly link: ServerLink,
    private readonly options: Http1UpstreamOptions,
  ) {
    this.absolute = options.absolute;
    this.mayBeStale = options.isOld;
    this.source = new ByteSource(link.duplex);
    this.source.whenEnded(() => {
      if (this.stream === undefined) this.close();
    });
  }

  get canOpen(): boolean {
    return !this.isClosed && this.stream === undefined && !this.isSpoiled;
  }

  /** Whether the server sent what nobody asked for: that is no answer to the next request. */
  get isSpoiled(): boolean {
    return this.stream === undefined && this.source.buffered > 0;
  }

  get isClosed(): boolean {
    return this.closed || this.source.ending !== undefined;
  }

  /** Whether this is a connection to there which no exchange has used. */
  isUnused(destination: Destination): boolean {
    return !this.isUsed && !this.isClosed && sameDestination(this.link.destination, destination);
  }

  open(): Http1ServerStream {
    const stream = new Http1ServerStream(this, this.mayBeStale);
    this.stream = stream;
    this.isUsed = this.mayBeStale = true;
    return stream;
  }

  /** The exchange is over. @param isClean whether another may follow */
  done(stream: Http1ServerStream, isClean: boolean): void {
    if (this.stream !== stream) return;
    this.stream = undefined;
    const { duplex } = this.link;
    const isAtRest = this.reader.waiting === 0 && this.source.buffered === 0 && duplex.writableLength === 0;
    if (!isClean || !isAtRest || this.isClosed) this.close();
    else this.options.onIdle(this);
  }

  /** Gives the connection away: nothing here knows of it any more. */
  giveAway(): Buffer {
    this.closed = true;
    this.stream = undefined;
    return Buffer.concat([this.reader.detach(), this.source.detach()]);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeLink(this.context, this.link);
  }
}
