/** Why the handshake of a server failed, in words for the one who reads its log. */
import { systemReason } from './system-error.js';
import { opensslReason, tlsAlertOf } from './tls-dial-error.js';

/** Alerts by which a peer says that it will not have our certificate (RFC 8446, section 6.2). */
const certificateAlerts = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
  'bad_certificate_status_response',
]);

const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER: 'the client and we have no cipher suite in common',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'the client takes no signature that our certificate can make',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client and we have no version of TLS in common',
  ERR_SSL_VERSION_TOO_LOW: 'the client and we have no version of TLS in common',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'the client and we have no application protocol in common (ALPN)',
  ERR_SSL_HTTP_REQUEST: 'the client speaks plain HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the client does not speak TLS',
  ECONNRESET: 'the client reset the connection in the middle of it',
};

/** What is said of a client that left in the middle: Node's does so when it does not trust a certificate. */
export const leftDuringHandshake =
  'the client left in the middle of it; some do when they do not trust the certificate';

/** The reason of an error that Node's TLS gave before the handshake of a server was over. */
export function handshakeFailure(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  const known = reasons[code];
  if (known !== undefined) return known;
  const alert = tlsAlertOf(error);
  if (alert === undefined) return opensslReason(error)?.trim() ?? systemReason(error).reason;
  return isCertificateAlert(alert)
    ? `the client refused our certificate: ${alert}`
    : `the client gave up with the alert ${alert}`;
}

/** Whether a peer will not have our certificate. @param alert its name, perhaps with its number behind it */
export function isCertificateAlert(alert: string): boolean {
  return certificateAlerts.has(alert.replace(/ .*/, ''));
}
