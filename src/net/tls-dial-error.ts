/** Why TLS with a server came to nothing, in words for the one who dialled. */
import { isError } from '../errors.js';
import { tlsAlerts } from '../wire/tls-alerts.js';
import { systemReason } from './system-error.js';

/** OpenSSL's reasons for bytes that are no TLS record. */
const notTls = /wrong version number|packet length too long|record too small|http request|unknown protocol/;

/** The alert that a peer ended TLS with, by its name and number; undefined for any other error. */
export function tlsAlertOf(error: unknown): string | undefined {
  if (!isError(error)) return undefined;
  const digits = /SSL alert number (\d+)/.exec(error.message)?.[1];
  return digits && `${tlsAlerts.get(Number(digits)) ?? 'unknown'} (${digits})`;
}

/** The reason of an error of TLS, as the end of a sentence. */
export function tlsDialReason(error: unknown): string {
  const alert = tlsAlertOf(error);
  if (alert !== undefined) return `the server sent the alert ${alert}`;
  const { code, number, reason } = systemReason(error);
  const sentence = opensslReason(error) ?? reason;
  if (notTls.test(sentence)) return 'the server does not speak TLS';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return otherName(error);
  // Node gives an orderly end the same code, and no number.
  if (code === 'ECONNRESET')
    return `the server ${number === undefined ? 'closed' : 'reset'} the connection in the handshake`;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Names of a certificate that are told. */
const namesTold = 3;

function otherName(error: unknown): string {
  // Node's checkServerIdentity made it.
  const { host = '', cert } = error as { host?: string; cert?: { subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  const told = names.slice(0, namesTold).join(', ') || 'nobody';
  return `the certificate is not for ${host.replace(/\.$/, '')}, but for ${told}${names.length > namesTold ? ', ...' : ''}`;
}

/** `no cipher match` out of `error:0A0000B9:SSL routines::no cipher match`. */
export function opensslReason(error: unknown): string | undefined {
  return isError(error) && 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
}
