import { createServer, TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import { layOn } from './carrier.js';
import type { Certificate } from './certificate.js';
import { Forwarding } from './forwarding.js';
import { handshakeFailure, leftDuringHandshake } from './handshake-failure.js';
import type { KeyLog } from './key-log.js';

/** How a server shakes hands. */
export interface AcceptOptions {
  /** What is shown, with versions and cipher suites. */
  readonly context: SecureContext;
  /** Protocols by preference (RFC 7301). */
  readonly alpn: readonly string[];
  /** Whether the client is asked for a certificate. It need not have one, and any will do. */
  readonly requestCertificate: boolean;
  /** A certificate that is revoked: clients that ask for its status are told. */
  readonly revoked?: Certificate | undefined;
  /** Where the secrets of the connection are written down. */
  readonly keyLog?: KeyLog | undefined;
}

/**
 * How a handshake ended: with the stream that holds what was encrypted, or not at all, and why. There is no error when
 * the client left.
 */
export type Accepted = { readonly socket: TLSSocket } | { readonly failure: string; readonly error?: Error };

/**
 * Shakes hands, as the server, with a client that is about to send its ClientHello, or has: any stream
 * will do, TLS included. Never rejects. When it fails, the stream is closed.
 */
export function acceptTls(duplex: Duplex, options: AcceptOptions): Promise<Accepted> {
  const { context, alpn, requestCertificate, revoked, keyLog } = options;
  // What is laid on a stream that was closed before is never told so.
  if (duplex.destroyed) return Promise.resolve({ failure: leftDuringHandshake });
  return new Promise((resolve) => {
    const carrier = duplex instanceof TLSSocket ? new Forwarding(duplex) : duplex;
    const socket = new TLSSocket(carrier, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: [...alpn],
      requestCert: requestCertificate,
      rejectUnauthorized: false,
      ...(revoked !== undefined && { server: statusServer(revoked) }),
    });
    layOn(socket, carrier);
    absorbErrors(socket);
    keyLog?.watch(socket);
    const settle = (accepted: Accepted): void => {
      socket.off('secure', succeed).off('error', fail).off('end', leave).off('close', leave);
      if ('failure' in accepted) socket.destroy();
      resolve(accepted);
    };
    const succeed = (): void => {
      // Nothing was decrypted before: the first byte is for whoever reads next.
      socket.pause();
      settle({ socket });
    };
    const fail = (error: Error): void => {
      settle({ failure: handshakeFailure(error), error });
    };
    const leave = (): void => {
      settle({ failure: leftDuringHandshake });
    };
    socket.on('secure', succeed).on('error', fail).on('end', leave).on('close', leave);
    // Without a reader the end of the client would not be noticed.
    socket.resume();
  });
}

/** Node asks a server, which need not listen, for the answer of OCSP that it staples. */
function statusServer(certificate: Certificate): ReturnType<typeof createServer> {
  const server = createServer(certificate.tlsOptions);
  server.on('OCSPRequest', (_certificate, _issuer, answer) => {
    answer(null, certificate.revocation?.status ?? null);
  });
  return server;
}
