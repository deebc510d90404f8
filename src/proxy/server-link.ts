/** Connections to servers, before it matters what is spoken on them. */
import type { Duplex } from 'node:stream';
import type { Address, ServerConnection, Via } from './flow/connection.js';

/** Where a connection is to lead. */
export interface Destination {
  readonly address: Address;
  /** Whether TLS is spoken with the server. */
  readonly tls: boolean;
  /** The name to ask for and to verify; that of the address when absent. */
  readonly sni: string | undefined;
  /** The HTTP proxy in between. */
  readonly via: Via | undefined;
  /** Whether that proxy is to connect on even for plain HTTP, which it could answer itself: the client has a tunnel. */
  readonly tunnel?: boolean;
  /**
   * Whether HTTP/2 is to be spoken and nothing else: without TLS, because the client knew before that the server does
   * (RFC 9113, section 3.3); with TLS, because nothing else was found to work.
   */
  readonly http2?: boolean;
}

/** A connection that was made: to the server itself, through all that lies between. */
export interface ServerLink {
  /** Its `tls` tells whether the handshake with the server was made. */
  readonly destination: Destination;
  /** What flows tell of it. */
  readonly connection: ServerConnection;
  readonly duplex: Duplex;
}

/** How a handshake with a server is made. */
export interface SecureServerOptions {
  /** The name to ask for and to verify; that of the address when absent. */
  readonly sni: string | undefined;
  /** Protocols to offer, the preferred one first (RFC 7301). */
  readonly alpn: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Makes connections to servers, for one client, and calls the hooks about them. */
export interface ServerDialler {
  /**
   * Connects, through the proxy of the destination if it has one. Speaks no TLS with the server itself.
   * @param tunnel whether the proxy is asked to connect on: false for requests that it answers itself
   * @throws {ConnectionError} when that fails, or an addon refuses; the message is fit for a flow's error
   */
  connect(destination: Destination, tunnel: boolean, signal?: AbortSignal): Promise<ServerLink>;
  /**
   * Shakes hands over a connection that was made. It is closed when that fails.
   * @throws {ConnectionError} of phase `tls`; the message is fit for a flow's error
   */
  secure(link: ServerLink, options: SecureServerOptions): Promise<ServerLink>;
}

/** Whether two destinations may share a connection. */
export function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a === b ||
    (a.address[0] === b.address[0] &&
      a.address[1] === b.address[1] &&
      a.tls === b.tls &&
      a.sni === b.sni &&
      (a.http2 ?? false) === (b.http2 ?? false) &&
      // A request that is sent to the proxy itself finds nobody behind a tunnel who understands it.
      (a.via === undefined || a.tls || (a.tunnel ?? false) === (b.tunnel ?? false)) &&
      a.via?.[0] === b.via?.[0] &&
      a.via?.[1][0] === b.via?.[1][0] &&
      a.via?.[1][1] === b.via?.[1][1])
  );
}
