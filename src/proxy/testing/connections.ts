/** The two connections of a flow. */
import { ClientConnection, ServerConnection } from '../flow/connection.js';
import { flowTimes } from './flow-times.js';

/** Facts of a connection; the others are as they usually are. */
export type ConnectionParts<C> = Partial<Omit<C, 'clone' | 'connected' | 'tlsEstablished'>>;

/** A connection from a client on the loopback address; with `tls: true`, one with its handshake done. */
export function clientConnection(parts: ConnectionParts<ClientConnection> = {}): ClientConnection {
  return Object.assign(new ClientConnection(), {
    peername: ['127.0.0.1', 50_000] as const,
    sockname: ['127.0.0.1', 8080] as const,
    state: 3,
    timestampStart: flowTimes.client,
    ...(parts.tls === true && { ...handshake, timestampTlsSetup: flowTimes.clientTls }),
    ...parts,
  });
}

/** A connection to `example.com`; with `tls: true`, one with its handshake done. */
export function serverConnection(parts: ConnectionParts<ServerConnection> = {}): ServerConnection {
  const port = parts.address?.[1] ?? (parts.tls === true ? 443 : 80);
  return Object.assign(new ServerConnection(), {
    address: ['example.com', port] as const,
    peername: ['192.0.2.1', port] as const,
    sockname: ['192.0.2.9', 60_000] as const,
    state: 3,
    timestampStart: flowTimes.server,
    timestampTcpSetup: flowTimes.serverTcp,
    ...(parts.tls === true && { ...handshake, timestampTlsSetup: flowTimes.serverTls }),
    ...parts,
  });
}

const handshake = {
  tlsVersion: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: 'http/1.1',
  alpnOffers: ['http/1.1'],
  sni: 'example.com',
};
