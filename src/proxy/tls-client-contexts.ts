/** Which certificate clients are shown, and with what. */
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Certificate } from '../net/certificate.js';
import type { CertificateStore } from '../net/certificate-store.js';
import { OptionError } from '../errors.js';
import type { ProxyValues } from './options.js';
import type { TlsArrival } from './proxy-tls.js';
import { CertificateSniffer } from './sniffed-certificate.js';
import type { TlsSideOptions } from './tls-side-options.js';

/** What a client is shown. */
export interface Shown {
  readonly certificate: Certificate;
  readonly context: SecureContext;
}

/** Contexts are kept as long as their certificates, so that clients can resume sessions. */
export class TlsClientContexts {
  private readonly sniffer = new CertificateSniffer();
  private readonly contexts = new WeakMap<Certificate, Map<string, SecureContext>>();

  constructor(
    private readonly store: CertificateStore,
    private readonly options: TlsSideOptions,
  ) {}

  /** Lines to show at the start: files of certificates that want care. */
  get notices(): readonly string[] {
    return this.store.notices;
  }

  /**
   * The user's certificate for the name that the client asks for, or one that looks like the server's.
   * @param address where the client has connected to, when it takes that for the server: it may have asked for no name
   */
  for({ hello, host, server }: TlsArrival, values: ProxyValues, address?: string): Shown {
    const name = hello.serverName ?? host;
    const upstream = values.upstreamCert ? (server?.connection.certificateList ?? []) : [];
    const called = hello.serverName === undefined ? address : undefined;
    const certificate = this.own(name) ?? this.store.get(this.sniffer.request(upstream[0], name, called));
    const chain = values.addUpstreamCertsToClientChain ? upstream.map((pem) => pem.toString('latin1')).join('') : '';
    return { certificate, context: this.context(certificate, chain) };
  }

  private own(name: string): Certificate | undefined {
    try {
      return this.store.own(name);
    } catch (error) {
      if (error instanceof OptionError) return undefined;
      throw error;
    }
  }

  private context(certificate: Certificate, chain: string): SecureContext {
    const known = this.contexts.get(certificate) ?? new Map<string, SecureContext>();
    this.contexts.set(certificate, known);
    const found = known.get(chain);
    if (found !== undefined) return found;
    const { versions, ciphers, curve } = this.options;
    const { cert, key } = certificate.tlsOptions;
    const context = createSecureContext({
      ...versions,
      cert: cert + chain,
      key,
      ...(ciphers !== undefined && { ciphers }),
      ...(curve !== undefined && { ecdhCurve: curve }),
      // Without it, OpenSSL refuses to resume sessions of clients that are asked for a certificate.
      sessionIdContext,
    });
    // A chain changes when the server's certificate does, or when a server has several.
    if (known.size >= chainsKept) known.clear();
    known.set(chain, context);
    return context;
  }
}

const sessionIdContext = 'pathod';
const chainsKept = 8;
