import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** The private key of a certificate, and as the PEM that Node's TLS takes. */
export interface CertificateKey {
  readonly key: KeyObject;
  readonly pem: string;
}

/** A private key for certificates. */
export function certificateKey(key: KeyObject): CertificateKey {
  return { key, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** How clients can learn that a certificate is revoked. */
export interface RevocationProof {
  /** The authority's revocation list, as PEM. */
  readonly list: string;
  /** The answer "revoked" of OCSP, as DER. A server may staple it: see Node's event `OCSPRequest`. */
  readonly status: Buffer;
}

/** What a certificate is made of. */
export interface CertificateParts {
  /** The certificate itself, as PEM. */
  readonly pem: string;
  /** The certificates that are sent after it, as PEM. */
  readonly chain?: readonly string[];
  readonly key: CertificateKey;
  /** The certificates that belong between this and the authority and are not sent, as PEM. */
  readonly withheld?: readonly string[];
  /** Cipher list that a server needs to be allowed to show this certificate at all. */
  readonly ciphers?: string | undefined;
  /** Only of a certificate that is revoked. */
  readonly revocation?: (() => RevocationProof) | undefined;
}

/** What `tls.createServer`, `tls.connect` and `tls.createSecureContext` take. */
export interface CertificateTlsOptions {
  /** PEM: the certificate and its chain. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  readonly ciphers?: string;
}

/** A certificate with its key and chain, ready to be shown to a peer. */
export class Certificate {
  readonly pem: string;
  readonly chain: readonly string[];
  readonly withheld: readonly string[];
  private context: SecureContext | undefined;
  private parsed: X509Certificate | undefined;
  private proof: RevocationProof | undefined;

  constructor(private readonly parts: CertificateParts) {
    this.pem = parts.pem;
    this.chain = parts.chain ?? [];
    this.withheld = parts.withheld ?? [];
  }

  /** The certificate, parsed when it is first asked for. */
  get x509(): X509Certificate {
    return (this.parsed ??= new X509Certificate(this.pem));
  }

  get privateKey(): KeyObject {
    return this.parts.key.key;
  }

  /** The proof that it is revoked, signed when it is first asked for; undefined when it is not revoked. */
  get revocation(): RevocationProof | undefined {
    return (this.proof ??= this.parts.revocation?.());
  }

  /** Options for Node's TLS. Options of one's own may be spread over them. */
  get tlsOptions(): CertificateTlsOptions {
    const { key, ciphers } = this.parts;
    const cert = this.pem + this.chain.join('');
    return { cert, key: key.pem, ...(ciphers !== undefined && { ciphers }) };
  }

  /** A context with these options and no others, made when it is first asked for: for `SNICallback`. */
  get secureContext(): SecureContext {
    return (this.context ??= createSecureContext(this.tlsOptions));
  }
}
