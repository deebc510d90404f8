import { once } from 'node:events';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { onTestFinished } from 'vitest';

/** Serves `hello` over HTTPS by Node's own server until the test is over. Resolves with the port. */
export async function httpsServer(options: ServerOptions): Promise<number> {
  const server = createServer(options, (_, response) => response.end('hello'));
  server.on('tlsClientError', () => {
    // Clients that refuse a certificate are what many tests are about.
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** What a client of Node made of a server: an error code, or `ok` with the certificate it was shown. */
export interface Handshake {
  readonly outcome: string;
  readonly certificate?: PeerCertificate;
}

/** Shakes hands with a local port as Node's TLS does by default, which verifies. */
export async function handshake(port: number, options: ConnectionOptions): Promise<Handshake> {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  try {
    await once(socket, 'secureConnect');
    return { outcome: 'ok', certificate: socket.getPeerCertificate() };
  } catch (error) {
    return { outcome: error instanceof Error && 'code' in error ? String(error.code) : String(error) };
  } finally {
    socket.destroy();
  }
}
