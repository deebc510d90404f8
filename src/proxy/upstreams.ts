/** The connections to servers of one client: those that are free are used again, those of HTTP/2 are shared. */
import { ConnectionError } from '../errors.js';
import { tlsAlertOf } from '../net/tls-dial-error.js';
import { alpnOffers } from './alpn-offers.js';
import { closeLink } from './close-link.js';
import type { ClientContext } from './context.js';
import type { ServerStream } from './http-stream.js';
import type { HttpUpstream, Upstreams } from './http-upstream.js';
import { Http1Upstream } from './http1-upstream.js';
import { sameDestination } from './server-link.js';
import type { Destination, ServerDialler, ServerLink } from './server-link.js';

const http2Alone = ['h2'];

/** Connections of HTTP/1 that wait to be used again, at most. */
const mostIdle = 16;

/** The connections to servers of a client. */
export function createUpstreams(context: ClientContext, dialler: ServerDialler): Upstreams {
  return new ClientUpstreams(context, dialler);
}

/** A connection that is being made, and may turn out to be one for several exchanges. */
interface Dialling {
  readonly destination: Destination;
  readonly made: Promise<unknown>;
}

class ClientUpstreams implements Upstreams {
  private upstreams: HttpUpstream[] = [];
  /** Connections for HTTP/2 that nothing was sent on. */
  private readonly offered: ServerLink[] = [];
  private readonly dialling = new Set<Dialling>();
  private failure: { readonly destination: Destination; readonly error: Error } | undefined;
  private readonly over = new AbortController();

  constructor(
    private readonly context: ClientContext,
    private readonly dialler: ServerDialler,
  ) {}

  offer(link: ServerLink): void {
    if (speaksHttp2(link)) this.offered.push(link);
    else this.add(this.speakHttp1(link, { absolute: false, isOld: true }));
  }

  offerFailure(destination: Destination, error: Error): void {
    this.failure = { destination, error };
  }

  open(destination: Destination, signal?: AbortSignal, fresh = false): ServerStream | Promise<ServerStream> {
    const found = fresh ? undefined : this.find(destination);
    return found === undefined ? this.openNew(destination, signal) : found.open();
  }

  async take(destination: Destination, signal?: AbortSignal): Promise<ServerLink> {
    const unused = this.upstreams.find((one) => one instanceof Http1Upstream && one.isUnused(destination));
    if (!(unused instanceof Http1Upstream)) return this.dial(destination, true, signal);
    this.upstreams = this.upstreams.filter((other) => other !== unused);
    const rest = unused.giveAway();
    if (rest.length > 0) unused.link.duplex.unshift(rest);
    return unused.link;
  }

  close(): void {
    this.over.abort('closed');
    for (const upstream of this.upstreams) upstream.close();
    for (const link of this.offered) closeLink(this.context, link);
    this.upstreams = [];
    this.offered.length = 0;
  }

  private find(destination: Destination): HttpUpstream | undefined {
    for (const upstream of this.upstreams) {
      if (upstream.canOpen && sameDestination(upstream.link.destination, destination)) return upstream;
    }
    return undefined;
  }

  /** Several exchanges at once would each make a connection of their own, though one may do for all. */
  private openNew(destination: Destination, signal: AbortSignal | undefined): Promise<ServerStream> {
    for (const other of this.dialling) {
      if (sameDestination(other.destination, destination)) return this.openShared(other, destination, signal);
    }
    const made = this.openFirst(destination, signal);
    if (destination.tls) void this.register({ destination, made });
    return made;
  }

  /** Has others wait for a connection until it is made. */
  private async register(dialling: Dialling): Promise<void> {
    this.dialling.add(dialling);
    await settled(dialling.made);
    this.dialling.delete(dialling);
  }

  private async openFirst(destination: Destination, signal: AbortSignal | undefined): Promise<ServerStream> {
    const link = this.takeOffered(destination);
    if (link !== undefined) return this.openOn(link, true);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined && sameDestination(failure.destination, destination)) throw failure.error;
    return this.make(destination, signal);
  }

  /** Waits for a connection to the same destination that is being made, which can be shared when it is of HTTP/2. */
  private async openShared(
    other: Dialling,
    destination: Destination,
    signal: AbortSignal | undefined,
  ): Promise<ServerStream> {
    // Who makes it tells why not, if so; this one tries for itself.
    await settled(other.made);
    return this.find(destination)?.open() ?? this.make(destination, signal);
  }

  private async make(destination: Destination, signal: AbortSignal | undefined): Promise<ServerStream> {
    // A proxy fetches by itself what is not encrypted.
    const isTunnel = destination.tls || destination.via === undefined || destination.tunnel === true;
    return this.openOn(await this.dial(destination, isTunnel, signal), isTunnel);
  }

  private async dial(destination: Destination, tunnel: boolean, signal: AbortSignal | undefined): Promise<ServerLink> {
    const { client, proxy } = this.context;
    const signals = [this.over.signal, proxy.signal];
    const either = AbortSignal.any(signal === undefined ? signals : [...signals, signal]);
    const link = await this.dialler.connect(destination, tunnel, either);
    if (!destination.tls) return link;
    const { http2 } = proxy.store.values;
    const { sni } = destination;
    const alpn = destination.http2 === true ? http2Alone : alpnOffers(client, http2, client.alpn === 'h2');
    try {
      return await this.dialler.secure(link, { sni, alpn, signal: either });
    } catch (error) {
      if (!http2 || alpn.includes('h2') || !wantsOtherProtocol(error)) throw error;
      const again = await this.dialler.connect(destination, tunnel, either);
      return this.dialler.secure(again, { sni, alpn: http2Alone, signal: either });
    }
  }

  /** Speaks on a connection what the server chose, and begins an exchange there before anybody else does. */
  private async openOn(link: ServerLink, isTunnel: boolean): Promise<ServerStream> {
    // Found out by trying, that a server of TLS speaks nothing else holds for whoever asks it next.
    const { destination } = link;
    const upstream = speaksHttp2(link)
      ? await this.speakHttp2(destination.tls ? { ...link, destination: { ...destination, http2: false } } : link)
      : this.speakHttp1(link, { absolute: !isTunnel, isOld: false });
    if (this.over.signal.aborted) upstream.close();
    else this.add(upstream);
    return upstream.open();
  }

  /** In the place of those that are closed: what is still under way there closes them. */
  private add(upstream: HttpUpstream): void {
    this.upstreams = this.upstreams.filter(({ isClosed }) => !isClosed);
    this.upstreams.push(upstream);
  }

  private speakHttp1(link: ServerLink, how: { absolute: boolean; isOld: boolean }): Http1Upstream {
    return new Http1Upstream(this.context, link, { ...how, onIdle: this.tidy });
  }

  private async speakHttp2(link: ServerLink): Promise<HttpUpstream> {
    const { Http2Upstream } = await import('./http2-upstream.js');
    return new Http2Upstream(this.context, link);
  }

  /** Forgets connections that are closed, and closes those that wait when they are too many, the oldest first. */
  private readonly tidy = (): void => {
    if (this.upstreams.length === 1) return;
    for (const upstream of this.upstreams)
      if (upstream instanceof Http1Upstream && upstream.isSpoiled) upstream.close();
    this.upstreams = this.upstreams.filter(({ isClosed }) => !isClosed);
    const idle = this.upstreams.filter((one) => one instanceof Http1Upstream && one.canOpen);
    for (const upstream of idle.slice(0, Math.max(0, idle.length - mostIdle))) upstream.close();
  };

  private takeOffered(destination: Destination): ServerLink | undefined {
    const at = this.offered.findIndex((link) => sameDestination(link.destination, destination));
    if (at === -1) return undefined;
    const [link] = this.offered.splice(at, 1);
    if (link === undefined || !link.duplex.destroyed) return link;
    closeLink(this.context, link);
    return this.takeOffered(destination);
  }
}

/** Resolves when a promise is settled, one way or the other. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(() => undefined);
}

/** What the server chose, or, without TLS, what the client knows of it. */
function speaksHttp2({ connection, destination }: ServerLink): boolean {
  return connection.alpn === 'h2' || (destination.http2 === true && !destination.tls);
}

/** Whether a server ended a handshake because it was offered no protocol that it speaks (RFC 7301, section 3.2). */
export function wantsOtherProtocol(error: unknown): boolean {
  return error instanceof ConnectionError && tlsAlertOf(error.cause)?.startsWith('no_application_protocol') === true;
}
