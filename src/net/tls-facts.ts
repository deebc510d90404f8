import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** A certificate as the log shows it: names as `CN=client, O=Example`. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the certificate: `AB:CD:...`. */
  readonly fingerprint256: string;
  /** `Nov 19 10:45:18 2026 GMT`. */
  readonly validFrom: string;
  readonly validTo: string;
  /** In hexadecimal. */
  readonly serialNumber: string;
}

/** What a TLS handshake came to. */
export interface TlsFacts {
  /** OpenSSL's name of the cipher suite, the bits of its key, and the version of TLS: `TLSv1.3`. */
  readonly cipher: readonly [name: string, bits: number, version: string] | null;
  /** The name that the client asked for (RFC 6066, section 3). */
  readonly sni: string | null;
  /** The certificate that the client showed. */
  readonly clientCertificate: CertificateFacts | null;
  /** The protocol that was agreed on (RFC 7301): `h2`. */
  readonly alpn: string | null;
}

/** What is known of a connection whose handshake is over. The server's end asks; `sni` is what the client sent. */
export function tlsFacts(socket: TLSSocket, sni: string | undefined): TlsFacts {
  const { name, version } = socket.getCipher();
  const certificate = socket.getPeerX509Certificate();
  return {
    cipher: [name, bitsOf(name), socket.getProtocol() ?? version],
    sni: sni ?? null,
    clientCertificate: certificate === undefined ? null : certificateFacts(certificate),
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
  };
}

/** What the log shows of a certificate. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, fingerprint256, validFrom, validTo, serialNumber } = certificate;
  return { subject: oneLine(subject), issuer: oneLine(issuer), fingerprint256, validFrom, validTo, serialNumber };
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

/** Node tells the name of a cipher and not its strength, but the name does. */
function bitsOf(cipher: string): number {
  if (/CHACHA20/.test(cipher)) return 256;
  const digits = /(?:AES|CAMELLIA|ARIA)[_-]?(\d{3})/.exec(cipher)?.[1];
  if (digits !== undefined) return Number(digits);
  // Triple DES is as strong as 112 bits (NIST SP 800-57).
  if (/DES-CBC3|3DES/.test(cipher)) return 112;
  return /NULL/.test(cipher) ? 0 : 128;
}
