/** The client's side of TLS, over a connection that is there already. */
import { checkServerIdentity, connect, createSecureContext } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { isError, OptionError } from '../errors.js';
import { absorbErrors } from './absorb-errors.js';
import { layOn } from './carrier.js';
import type { KeyAndCertificates } from './pem-file.js';
import { opensslReason } from './tls-dial-error.js';
import { checkCipherList, ciphersFor, tlsVersions } from './tls-version.js';
import type { TlsVersions } from './tls-version.js';

/** What the client's side is made with. */
export interface TlsClientOptions {
  /** Shown to a server that asks for one. */
  readonly certificate?: KeyAndCertificates | undefined;
  /** A cipher list in OpenSSL's form. Default: Node's. */
  readonly ciphers?: string | undefined;
  readonly versions?: TlsVersions | undefined;
  /** Certificates as PEM that the server's must lead to. Default: the ones that Node trusts. */
  readonly authorities?: readonly string[] | undefined;
  /** The curve of the key exchange, or several with colons between. Default: Node's. */
  readonly curve?: string | undefined;
}

/**
 * What connections share; costs a fraction of a millisecond.
 * @throws {OptionError} when OpenSSL takes no cipher of the list, the list does nothing, or not the certificate
 */
export function tlsClientContext(options: TlsClientOptions): SecureContext {
  const { certificate, ciphers, versions = tlsVersions.secure, authorities, curve } = options;
  if (ciphers !== undefined) checkCipherList(versions, ciphers);
  const list = ciphersFor(versions, ciphers);
  try {
    return createSecureContext({
      ...versions,
      ...(list !== undefined && { ciphers: list }),
      ...(authorities !== undefined && { ca: [...authorities] }),
      ...(curve !== undefined && { ecdhCurve: curve }),
      ...(certificate !== undefined && {
        cert: [certificate.certificate, ...certificate.chain].join(''),
        key: certificate.key.export({ type: 'pkcs8', format: 'pem' }),
      }),
    });
  } catch (error) {
    const reason = opensslReason(error) ?? (isError(error) ? error.message : String(error));
    throw new OptionError(
      reason === 'no cipher match'
        ? `OpenSSL knows no cipher of ${JSON.stringify(ciphers)}`
        : `OpenSSL does not take the TLS options: ${reason}`,
    );
  }
}

/** How a handshake is made. */
export interface TlsHandshakeOptions {
  readonly context: SecureContext;
  /** The name to ask for (RFC 6066, section 3). An address and an empty name are not asked for. */
  readonly serverName: string;
  /** The name or address that the certificate must be for, if it is verified. */
  readonly verifiedName: string;
  /** Protocols to offer, the preferred one first (RFC 7301). */
  readonly protocols: readonly string[];
  /** Whether a certificate that is not trusted, or is another name's, ends the handshake. */
  readonly verify: boolean;
}

/**
 * Begins a handshake. The socket emits `secureConnect` when it is done; an error before that is the reason why it
 * came to nothing. It has a listener for `error`.
 */
export function tlsOver(
  duplex: Duplex,
  { context, serverName, verifiedName, protocols, verify }: TlsHandshakeOptions,
): TLSSocket {
  const socket = connect({
    socket: duplex,
    secureContext: context,
    ALPNProtocols: [...protocols],
    rejectUnauthorized: verify,
    checkServerIdentity: (_, certificate) => checkServerIdentity(verifiedName, certificate),
    ...(serverName !== '' && isIP(serverName) === 0 && { servername: serverName }),
  });
  absorbErrors(socket);
  layOn(socket, duplex);
  return socket;
}
