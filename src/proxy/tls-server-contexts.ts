import type { SecureContext } from 'node:tls';
import type { KeyAndCertificates } from '../net/pem-file.js';
import { tlsClientContext } from '../net/tls-dial.js';
import type { ClientCertificates } from './client-certificates.js';
import type { TlsSideOptions } from './tls-side-options.js';

/** What servers are spoken with: whom we trust, what we speak, and what we show. */
export class TlsServerContexts {
  private plain: SecureContext | undefined;
  private readonly withCertificate = new WeakMap<KeyAndCertificates, SecureContext>();

  constructor(
    private readonly options: TlsSideOptions,
    private readonly authorities: readonly string[] | undefined,
    private readonly certificates: ClientCertificates,
  ) {}

  /**
   * What a server of that name is spoken with.
   * @throws {OptionError} when there is a certificate to be shown to it that cannot be used
   */
  async for(serverName: string): Promise<SecureContext> {
    const certificate = await this.certificates.for(serverName);
    if (certificate === undefined) return (this.plain ??= this.make());
    const known = this.withCertificate.get(certificate);
    if (known !== undefined) return known;
    const context = this.make(certificate);
    this.withCertificate.set(certificate, context);
    return context;
  }

  private make(certificate?: KeyAndCertificates): SecureContext {
    return tlsClientContext({ ...this.options, authorities: this.authorities, certificate });
  }
}
