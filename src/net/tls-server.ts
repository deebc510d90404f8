/** The server's end of TLS: which certificate is shown to whom, and with what. */
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { OptionError } from '../errors.js';
import type { Certificate } from './certificate.js';
import type { CertificateRequest } from './certificate-maker.js';
import { certificateName } from './certificate-names.js';
import type { CertificateStore } from './certificate-store.js';
import { Forwarding } from './forwarding.js';
import type { FaultTools } from './handshake-faults.js';
import { acceptTls } from './tls-accept.js';
import type { Accepted } from './tls-accept.js';
import type { TlsFault } from './tls-faults.js';
import { checkCipherList, ciphersFor } from './tls-version.js';
import type { TlsVersions } from './tls-version.js';

/** What is the same for every handshake. */
export interface TlsServerOptions {
  readonly versions: TlsVersions;
  /** A cipher list of OpenSSL's; Node's own when absent. */
  readonly ciphers?: string | undefined;
  /** Protocols by preference (RFC 7301). */
  readonly alpn: readonly string[];
  readonly requestCertificate: boolean;
  /** The common name of made certificates; the host's when absent. */
  readonly commonName?: string | undefined;
  /** Further names of made certificates. */
  readonly names: readonly string[];
}

/** One handshake that is to be made. */
export interface TlsArrival {
  /** The name or address that the client wants. */
  readonly host: string;
  /** Names that it may know us by as well. */
  readonly alsoKnownAs: readonly string[];
  /** What is to be wrong. */
  readonly fault: TlsFault | undefined;
}

/** Shakes hands with clients that have sent, or are sending, a ClientHello. */
export class TlsServer {
  private readonly contexts = new WeakMap<Certificate, Map<TlsVersions, SecureContext>>();

  /** @throws {OptionError} when OpenSSL does not take the ciphers, and for a name that can stand in no certificate */
  constructor(
    private readonly store: CertificateStore,
    private readonly options: TlsServerOptions,
  ) {
    checkTlsServerOptions(options);
  }

  /** Never rejects. When the handshake fails, or was meant to, the stream is closed. */
  async accept(duplex: Duplex, { host, alsoKnownAs, fault }: TlsArrival, tools: FaultTools): Promise<Accepted> {
    const { instead, cutAfter, versions = this.options.versions } = fault?.handshake ?? {};
    if (instead !== undefined) {
      await instead(duplex, tools);
      return { failure: 'it was not to succeed' };
    }
    const { commonName, names, alpn, requestCertificate } = this.options;
    const further = [...alsoKnownAs, ...names];
    const certificate = this.certificate({
      host,
      ...(further.length > 0 && { names: further }),
      ...(commonName !== undefined && { commonName }),
      ...(fault?.certificate !== undefined && { fault: fault.certificate }),
    });
    const context = this.context(certificate, versions);
    const revoked = fault?.certificate === 'revoked' ? certificate : undefined;
    const carrier = cutAfter === undefined ? duplex : new Forwarding(duplex, cutAfter);
    return acceptTls(carrier, { context, alpn, requestCertificate, revoked });
  }

  /** The certificate asked for; without the host when that cannot stand in one. */
  private certificate(request: CertificateRequest): Certificate {
    try {
      return this.store.get(request);
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      return this.store.get({ ...request, host: 'invalid' });
    }
  }

  private context(certificate: Certificate, versions: TlsVersions): SecureContext {
    const known = this.contexts.get(certificate) ?? new Map<TlsVersions, SecureContext>();
    this.contexts.set(certificate, known);
    const found = known.get(versions);
    if (found !== undefined) return found;
    const { ciphers: needed, ...shown } = certificate.tlsOptions;
    const asked = ciphersFor(versions, this.options.ciphers);
    // What a weak certificate needs is the security level behind the at sign.
    const ciphers = asked === undefined ? needed : [asked, ...(needed?.match(/@.*/) ?? [])].join(':');
    const context = createSecureContext({ ...shown, ...versions, ...(ciphers !== undefined && { ciphers }) });
    known.set(versions, context);
    return context;
  }
}

/**
 * Looks at options alone, so that one that is not valid leaves no authority behind.
 * @throws {OptionError} when no cipher is left, and for a name that can stand in no certificate
 */
export function checkTlsServerOptions({ ciphers, versions, names }: TlsServerOptions): void {
  names.forEach(certificateName);
  if (ciphers === undefined) return;
  checkCipherList(versions, ciphers);
  const list = ciphersFor(versions, ciphers);
  try {
    createSecureContext({ ...(list !== undefined && { ciphers: list }), ...versions });
  } catch {
    throw new OptionError(`no cipher of this OpenSSL is in the list ${JSON.stringify(ciphers)}`);
  }
}
