import type { LeafKeyType } from '../net/certificate-maker.js';
import type { ClientHello } from '../wire/client-hello.js';
import type { ProxyValues } from './options.js';

/** ECDSA on P-256 with SHA-256, as a signature scheme of TLS 1.3 and in the form of TLS 1.2 (RFC 8446, section 4.2.3). */
const ecdsa = 0x0403;

/** The cipher suites of TLS 1.2 that are for ECDSA. */
const ecdsaSuites = new Set([0xc009, 0xc00a, 0xc023, 0xc024, 0xc02b, 0xc02c, 0xcca9]);

/**
 * The kind of key for the certificate that a client is shown: P-256 takes a fraction of the time of RSA, and no key
 * has to be made first. Only clients of former times need RSA.
 */
export function leafKeyType(hello: ClientHello, values: ProxyValues): LeafKeyType {
  const { signatureSchemes, versions, cipherSuites } = hello;
  const { tlsVersionClientMax: newest, ciphersClient } = values;
  const speaks13 = versions.includes(0x0304) && (newest === 'TLS1_3' || newest === 'UNBOUNDED');
  // The user's list may be for RSA alone.
  const takesEcdsa = speaks13 || (ciphersClient === undefined && cipherSuites.some((suite) => ecdsaSuites.has(suite)));
  return takesEcdsa && signatureSchemes.includes(ecdsa) ? 'p-256' : 'rsa-2048';
}
