/** TLS on both sides of the proxy. */
import type { Duplex } from 'node:stream';
import type { ClientHello } from '../wire/client-hello.js';
import type { ClientContext } from './context.js';
import type { ServerConnection } from './flow/connection.js';
import type { ServerLink } from './server-link.js';

/** A client that has sent its ClientHello, which is still in the stream. */
export interface TlsArrival {
  readonly duplex: Duplex;
  readonly hello: ClientHello;
  /** The host that the connection leads to, as far as it is known: of CONNECT, SOCKS, the mode, or the local address. */
  readonly host: string;
  /** Its port, for messages. */
  readonly port?: number | undefined;
  /** The connection to the server, when that was made first: its certificate and its protocol are taken after. */
  readonly server: ServerLink | undefined;
  /** Protocols that we may speak with this client: `h2` is not among them when HTTP/2 is off. */
  readonly alpn: readonly string[];
}

export interface ProxyTls {
  /** The authority's certificate, in PEM. */
  readonly ca: string;
  /**
   * Shakes hands with a client, calling the hooks on the way. Never rejects: a handshake that fails is told in the
   * log with the likely cause, and the stream is closed.
   * @returns the decrypted stream, or undefined
   */
  accept(context: ClientContext, arrival: TlsArrival): Promise<Duplex | undefined>;
  /**
   * Shakes hands with a server over a stream that leads to it, calling the hooks on the way, and fills in what flows
   * tell of the connection.
   * @throws {ConnectionError} of phase `tls`
   */
  connect(
    context: ClientContext,
    duplex: Duplex,
    server: ServerConnection,
    options: {
      readonly serverName: string;
      readonly alpn: readonly string[];
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<Duplex>;
}
