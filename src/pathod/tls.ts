/**
 * TLS as the options want it. Loaded when it is first needed: making certificates takes a library that
 * is slow to load, and a daemon that speaks plain HTTP has no use for it.
 */
import type { Duplex } from 'node:stream';
import { openCertificateStore } from '../net/certificate-store.js';
import { processAuthority } from '../net/process-authority.js';
import { tlsFacts } from '../net/tls-facts.js';
import type { TlsFacts } from '../net/tls-facts.js';
import { checkTlsServerOptions, TlsServer } from '../net/tls-server.js';
import { certificateName } from '../net/certificate-names.js';
import type { PathodValues } from './options.js';
import type { Service } from './service.js';
import { TlsAnchors } from './tls-anchors.js';

/** Who is at the door. */
export interface TlsClient {
  /** The name in its ClientHello. */
  readonly serverName: string | undefined;
  /** That name, else the host of the CONNECT that came before, else our address as the client has it. */
  readonly host: string;
  /** Whether it is one of the first two. */
  readonly isNamed: boolean;
}

/** What was let in: the stream below the encryption, and what was agreed on. */
export interface Admitted {
  readonly duplex: Duplex;
  readonly facts: TlsFacts;
}

export class Tls {
  /**
   * Reads certificates and opens the authority, or makes it.
   * @throws {OptionError} when one of them cannot be used, and for ciphers and faults that are not known
   */
  static async open(values: PathodValues): Promise<Tls> {
    const anchors = new TlsAnchors(values.tlsAnchors, values.tlsFault);
    const { confdir, certs, certPassphrase: passphrase, ciphers, http2 } = values;
    const options = {
      versions: values.sslVersion,
      ciphers,
      alpn: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      requestCertificate: values.requestClientCertificate,
      commonName: values.cn,
      names: values.sans,
    };
    checkTlsServerOptions(options);
    const isTemporary = confdir === undefined;
    const store = await openCertificateStore({
      directory: confdir,
      authority: isTemporary ? processAuthority() : undefined,
      own: certs,
      passphrase,
      // A key for P-256 is there at once, and in-process clients take it; ciphers may be for RSA alone.
      keyType: isTemporary && ciphers === undefined ? 'p-256' : 'rsa-2048',
    });
    return new Tls(new TlsServer(store, options), anchors, store.authority.pem, store.notices);
  }

  private constructor(
    private readonly server: TlsServer,
    private readonly anchors: TlsAnchors,
    /** The authority's certificate, as PEM. */
    readonly pem: string,
    /** Lines to show at the start. */
    readonly notices: readonly string[],
  ) {}

  /**
   * Shakes hands, or does what is to be done in its place. Never rejects. When it fails, the stream is
   * closed, and `note` was told.
   */
  async admit(
    duplex: Duplex,
    { serverName, host, isNamed }: TlsClient,
    { clock, signal, seed, tell }: Service,
    note: (msg: string) => void,
  ): Promise<Admitted | undefined> {
    if (!isCertificateName(host))
      note(`SSL: no certificate can name ${JSON.stringify(host)}; the one shown is for "invalid"`);
    const fault = this.anchors.faultFor(host);
    const isSpoilt = fault?.handshake !== undefined && fault.handshake.versions === undefined;
    // Some faults take as long as the client likes: who waits for the log is to learn of it now.
    if (isSpoilt) note(`SSL handshake fault: ${fault.name} for ${host}`);
    const alsoKnownAs = isNamed ? [] : ['localhost'];
    const tools = { clock, signal, random: seed.fork('TLS') };
    const accepted = await this.server.accept(duplex, { host, alsoKnownAs, fault }, tools);
    if ('socket' in accepted) {
      const facts = tlsFacts(accepted.socket, serverName);
      tell(summaryOf(facts));
      return { duplex: accepted.socket, facts };
    }
    const because = fault === undefined ? '' : ` (fault: ${fault.name})`;
    if (!isSpoilt) note(`SSL handshake error: ${accepted.failure}${because}`);
    return undefined;
  }
}

function isCertificateName(host: string): boolean {
  try {
    certificateName(host);
    return true;
  } catch {
    return false;
  }
}

/** One line: `TLS: TLSv1.3 TLS_AES_256_GCM_SHA384 sni=a.example alpn=h2 client certificate CN=ann`. */
function summaryOf({ cipher, sni, alpn, clientCertificate }: TlsFacts): string {
  const [name, , version] = cipher ?? [];
  return [
    'TLS:',
    ...(version === undefined || name === undefined ? [] : [version, name]),
    ...(sni === null ? [] : [`sni=${sni}`]),
    ...(alpn === null ? [] : [`alpn=${alpn}`]),
    ...(clientCertificate === null ? [] : [`client certificate ${clientCertificate.subject}`]),
  ].join(' ');
}
