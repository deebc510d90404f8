/** Serves the streams of a client, one layer after the other: what a layer opens is the next one. */
import type { Duplex } from 'node:stream';
import { isOwnError, ProtocolError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { peek } from '../net/peek.js';
import { readClientHello } from '../wire/client-hello.js';
import type { ClientHello } from '../wire/client-hello.js';
import { sniff } from '../wire/sniff.js';
import { alpnOffers } from './alpn-offers.js';
import { closeLink } from './close-link.js';
import type { ClientContext } from './context.js';
import { connectsEarly } from './connects-early.js';
import { failedTcpFlow } from './failed-tcp-flow.js';
import { FirstBytes } from './first-bytes.js';
import type { TlsClientHelloData } from './hooks/hook-data.js';
import type { HostLists } from './host-lists.js';
import { Http1Session } from './http1-session.js';
import type { Upstreams } from './http-upstream.js';
import type { Layer } from './layer.js';
import type { ProxyValues } from './options.js';
import type { HttpSession, Route } from './route.js';
import type { Destination, ServerDialler, ServerLink } from './server-link.js';
import { relayTcp } from './tcp-relay.js';
import { wantsOtherProtocol } from './upstreams.js';

/** TLS within TLS that is worth the effort: each layer works on all bytes again. */
const deepest = 8;

const nothing: Buffer = Buffer.alloc(0);
const http1 = ['http/1.1'];
const both = ['h2', 'http/1.1'];

export class LayerServer {
  /** The stream served last: the one to be closed. */
  duplex: Duplex | undefined;
  private session: HttpSession | undefined;
  /** Why a connection that was to be made early could not be. */
  private failure: Error | undefined;
  private depth = 0;

  constructor(
    private readonly context: ClientContext,
    private readonly dialler: ServerDialler,
    private readonly upstreams: Upstreams,
    private readonly hostLists: () => HostLists,
  ) {}

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.session?.busy === true;
  }

  /** Closes the connections to servers that are left. */
  close(): void {
    this.upstreams.close();
  }

  /** @returns what is to be served next */
  async serve(layer: Layer): Promise<Layer | undefined> {
    this.duplex = layer.duplex;
    const server = layer.server ?? (this.mayBeMute(layer) ? await this.tryConnect(layer) : undefined);
    const seen = await new FirstBytes(this.context, { ...layer, server }, this.hostLists(), () =>
      this.tryConnect(layer),
    ).look();
    const known = { ...layer, first: seen.rest, server: seen.server };
    switch (seen.layer) {
      case 'tls':
        return this.serveTls(known);
      case 'http':
        return this.serveHttp(known, sniff(seen.bytes) === 'http2');
      case 'tcp':
        return this.serveBytes(known, true);
      case 'ignore':
        return this.serveBytes({ ...known, serverTls: false }, this.values.showIgnoredHosts);
      case 'none':
        if (seen.server !== undefined) closeLink(this.context, seen.server);
        return undefined;
    }
  }

  /** Shakes hands; what is to be served next lies below the encryption. */
  private async serveTls(layer: Layer): Promise<Layer | undefined> {
    if (++this.depth > deepest) throw new ProtocolError(`TLS within TLS, ${String(this.depth)} deep`);
    const { client, proxy } = this.context;
    const hello = await this.readHello(layer.duplex);
    if (hello === undefined) return undefined;
    client.alpnOffers = hello.alpn;
    client.alpn = undefined;
    const sni = layer.sni ?? hello.serverName;
    const data: TlsClientHelloData = {
      ...{ client, target: layer.target, clientHello: hello, ignoreConnection: false },
      establishServerTlsFirst: this.isEager(layer) && this.values.upstreamCert && layer.serverTls !== false,
    };
    await proxy.hooks.fire('tlsClienthello', data);
    if (data.ignoreConnection) return this.serveBytes({ ...layer, serverTls: false }, this.values.showIgnoredHosts);
    // A server that the mode declares plain is no server of TLS, whatever its clients speak.
    const isPlain = layer.serverTls === false;
    const isFirst = data.establishServerTlsFirst && layer.target !== undefined && !isPlain;
    let server = isFirst ? await this.trySecure(layer, sni) : undefined;
    const alpn = layer.purpose === 'bytes' ? hello.alpn : this.values.http2 ? both : http1;
    const host = hello.serverName ?? layer.target?.[0] ?? client.sockname?.[0] ?? 'localhost';
    const port = (layer.target ?? client.sockname)?.[1];
    const tls = await proxy.tls();
    const duplex = await tls.accept(this.context, { duplex: layer.duplex, hello, host, port, server, alpn });
    if (duplex === undefined) {
      const link = server ?? layer.server;
      if (link !== undefined) closeLink(this.context, link);
      return undefined;
    }
    if (!isFirst && layer.server !== undefined) server = isPlain ? layer.server : await this.trySecure(layer, sni);
    const serverTls = layer.serverTls ?? (layer.target === undefined ? undefined : true);
    return { ...layer, duplex, first: nothing, clientTls: true, serverTls, sni, server };
  }

  private async serveHttp(layer: Layer, begunHttp2: boolean): Promise<Layer | undefined> {
    const { context, upstreams } = this;
    const { duplex, first, server } = layer;
    // In a tunnel the client speaks with the server as if nobody were between: what it knows of it holds.
    const http2 = begunHttp2 && layer.purpose === 'any' && !layer.clientTls;
    const route = this.routeOf(layer, http2);
    if (server !== undefined) upstreams.offer({ ...server, destination: { ...server.destination, http2 } });
    else if (this.failure !== undefined && route.fixed !== undefined) upstreams.offerFailure(route.fixed, this.failure);
    this.failure = undefined;
    const isHttp2 = this.values.http2 && (begunHttp2 || (layer.clientTls && context.client.alpn === 'h2'));
    if (isHttp2) {
      const { Http2Session } = await import('./http2-session.js');
      this.session = new Http2Session({ context, route, upstreams, duplex, first });
    } else this.session = new Http1Session({ context, route, upstreams, duplex, first });
    const tunnel = await this.session.run();
    if (tunnel === undefined) return undefined;
    const { rest, target, via } = tunnel;
    return {
      ...{ duplex: tunnel.duplex, first: rest, purpose: 'any', clientTls: false, target, via },
      ...{ serverTls: undefined, sni: undefined, server: tunnel.server },
    };
  }

  /** Passes on whatever is sent. */
  private async serveBytes(layer: Layer, kept: boolean): Promise<undefined> {
    const { context } = this;
    const destination = this.destinationOf(layer);
    if (destination === undefined) return undefined;
    let link: ServerLink;
    try {
      link = await this.linkTo(destination, layer.server);
    } catch (error) {
      if (!isOwnError(error)) throw error;
      context.proxy.log.warn(`${formatAddress(...destination.address)}: ${error.message}`);
      if (kept) await failedTcpFlow(context, destination, error.message);
      return undefined;
    }
    await relayTcp(context, { duplex: layer.duplex, rest: layer.first }, link, { kept });
    return undefined;
  }

  private async linkTo(destination: Destination, server: ServerLink | undefined): Promise<ServerLink> {
    const { signal } = this.context.proxy;
    if (server === undefined && this.failure !== undefined) throw this.failure;
    const link = server ?? (await this.dialler.connect(destination, true, signal));
    if (!destination.tls || link.destination.tls) return link;
    return this.dialler.secure(link, { sni: destination.sni, alpn: this.alpn, signal });
  }

  private get values(): ProxyValues {
    return this.context.proxy.store.values;
  }

  private isEager({ target }: Layer): boolean {
    return target !== undefined && connectsEarly(this.context.proxy, target);
  }

  private get alpn(): readonly string[] {
    return alpnOffers(this.context.client, this.values.http2, false);
  }

  /** Whether the server is connected to before the client has said anything: it may be the first to speak. */
  private mayBeMute(layer: Layer): boolean {
    return (layer.purpose === 'any' || layer.purpose === 'bytes') && this.isEager(layer);
  }

  /** A connection to where a layer leads, without TLS. When it fails, whoever needs it will be told. */
  private async tryConnect(layer: Layer): Promise<ServerLink | undefined> {
    const destination = this.destinationOf(layer);
    // What failed once is not tried again before somebody was told.
    if (destination === undefined || this.failure !== undefined) return undefined;
    return this.attempt(this.dialler.connect(destination, true, this.context.proxy.signal));
  }

  /** A connection with TLS to where a layer leads, before the client's own handshake. */
  private async trySecure(layer: Layer, sni: string | undefined): Promise<ServerLink | undefined> {
    const server = layer.server ?? (await this.tryConnect(layer));
    if (server === undefined || server.destination.tls) return server;
    return this.attempt(this.dialler.secure(server, { sni, alpn: this.alpn, signal: this.context.proxy.signal }));
  }

  private async attempt(link: Promise<ServerLink>): Promise<ServerLink | undefined> {
    try {
      return await link;
    } catch (error) {
      if (!isOwnError(error)) throw error;
      // One that wants HTTP/2 is asked again, by it.
      if (!wantsOtherProtocol(error)) this.failure = error;
      return undefined;
    }
  }

  private destinationOf({ target, serverTls, clientTls, sni, via }: Layer): Destination | undefined {
    return target && { address: target, tls: serverTls ?? clientTls, sni, via, tunnel: true };
  }

  private routeOf(layer: Layer, http2: boolean): Route {
    const fixed = this.destinationOf(layer);
    return {
      fixed: fixed && { ...fixed, http2 },
      via: layer.via,
      clientTls: layer.clientTls,
      rewritesHost: this.context.mode.type === 'reverse' && !this.values.keepHostHeader,
    };
  }

  /** The ClientHello that is in the stream, or about to be; it stays there. */
  private async readHello(duplex: Duplex): Promise<ClientHello | undefined> {
    const read = (bytes: Buffer): ClientHello | undefined | 'broken' => {
      try {
        return readClientHello(bytes);
      } catch {
        return 'broken';
      }
    };
    const { how, bytes } = await peek(duplex, nothing, (received) => read(received) !== undefined);
    if (how !== 'seen') {
      this.context.proxy.log.info('Client TLS handshake failed. The client left in the middle of its ClientHello.');
      return undefined;
    }
    // OpenSSL says best what is wrong with it.
    const hello = read(bytes);
    return typeof hello === 'object' ? hello : unreadable;
  }
}

const unreadable: ClientHello = {
  ...{ serverName: undefined, alpn: [], versions: [], cipherSuites: [], signatureSchemes: [], extensions: [] },
};
