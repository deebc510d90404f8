/** What is known of the two connections of a flow. Times are seconds since 1970, with fractions. */
import { randomUUID } from 'node:crypto';

/** A host and a port. */
export type Address = readonly [host: string, port: number];

/** The protocol below: `udp` for DNS and datagram flows. */
export type TransportProtocol = 'tcp' | 'udp';

/** A proxy that a connection goes through: its scheme and its address. */
export type Via = readonly [scheme: string, address: Address];

/** What the connections to the client and to the server have in common. */
abstract class Connection {
  id: string = randomUUID();
  /** The other end. */
  peername: Address | undefined;
  /** Our end. */
  sockname: Address | undefined;
  transportProtocol: TransportProtocol = 'tcp';
  /** Whether TLS is meant to be spoken. */
  tls = false;
  /** Such as `TLSv1.3`. */
  tlsVersion: string | undefined;
  /** The protocol agreed upon; empty when ALPN was offered none. */
  alpn: string | undefined;
  alpnOffers: readonly string[] = [];
  cipher: string | undefined;
  cipherList: readonly string[] = [];
  /** The name asked for by Server Name Indication. */
  sni: string | undefined;
  /** The certificates of the other end, its own first, in PEM, byte for byte. */
  certificateList: readonly Buffer[] = [];
  /** Why the connection failed. */
  error: string | undefined;
  /** 0 closed, 1 can be read, 2 can be written, 3 both. */
  state = 0;
  timestampStart: number | undefined;
  timestampEnd: number | undefined;
  timestampTlsSetup: number | undefined;

  /** Whether the TLS handshake is done. */
  get tlsEstablished(): boolean {
    return this.timestampTlsSetup !== undefined;
  }

  /** Whether both directions are open. */
  get connected(): boolean {
    return this.state === 3;
  }
}

/** The connection from the client. */
export class ClientConnection extends Connection {
  /** The certificate that was shown to the client, in PEM. */
  mitmcert: Buffer | undefined;
  /** The mode that the client was served in, as it is written in the option `mode`. */
  proxyMode = 'regular';

  clone(): ClientConnection {
    return Object.assign(new ClientConnection(), this);
  }
}

/** The connection to the server. */
export class ServerConnection extends Connection {
  /** What was to be connected to, perhaps by name; `peername` is what it became. */
  address: Address | undefined;
  /** The proxy in between. */
  via: Via | undefined;
  timestampTcpSetup: number | undefined;

  clone(): ServerConnection {
    return Object.assign(new ServerConnection(), this);
  }
}
