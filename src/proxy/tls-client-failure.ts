/** Why a client could not be given TLS, in words for the one who runs the proxy. */
import { isCertificateAlert } from '../net/handshake-failure.js';
import { opensslReason, tlsAlertOf } from '../net/tls-dial-error.js';
import { systemReason } from '../net/system-error.js';

const noVersion =
  'Client and proxy have no version of TLS in common; see the options tls_version_client_min and tls_version_client_max.';

const sentences: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: noVersion,
  ERR_SSL_VERSION_TOO_LOW: noVersion,
  ERR_SSL_NO_SHARED_CIPHER: 'Client and proxy have no cipher suite in common; see the option ciphers_client.',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'The client takes no signature that our certificate can make.',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'Client and proxy have no curve in common; see the option tls_ecdh_curve_client.',
  ERR_SSL_NO_SHARED_GROUP: 'Client and proxy have no curve in common; see the option tls_ecdh_curve_client.',
  ERR_SSL_HTTP_REQUEST: 'The client went on in plain HTTP.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The client went on in something that is not TLS.',
};

/**
 * The likely cause, as sentences.
 * @param error of Node's TLS; undefined when the client left
 * @param name what the client asked for, or the host that it believes to speak with; and the port, if that is known
 */
export function tlsClientFailure(error: Error | undefined, name: string): string {
  if (error === undefined) return mayDistrust('The client left during the handshake, or right after it.', name);
  const code = 'code' in error ? String(error.code) : '';
  const known = sentences[code];
  if (known !== undefined) return known;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return mayDistrust('The client reset the connection during the handshake, or right after it.', name);
  const alert = tlsAlertOf(error);
  if (alert === undefined) return `It broke off: ${opensslReason(error)?.trim() ?? systemReason(error).reason}.`;
  if (isCertificateAlert(alert)) {
    return `The client does not trust the proxy's certificate for ${name} (alert ${alert}).`;
  }
  if (alert.startsWith('protocol_version')) return noVersion;
  return `The client gave up with the alert ${alert}.`;
}

/** Some clients say nothing when they do not trust a certificate: those of Node leave right after the handshake. */
export function mayDistrust(what: string, name: string): string {
  return `${what} If this happens consistently for ${name}, it may not trust the proxy's certificate.`;
}
