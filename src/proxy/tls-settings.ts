/** What the options say of TLS, read and checked. */
import { OptionError } from '../errors.js';
import { openCertificateStore } from '../net/certificate-store.js';
import type { CertificateStore } from '../net/certificate-store.js';
import type { Clock } from '../net/clock.js';
import { parseOwnCertificate, readOwnCertificate } from '../net/own-certificate.js';
import { processAuthority } from '../net/process-authority.js';
import { ClientCertificates } from './client-certificates.js';
import type { ProxyValues } from './options.js';
import { TlsClientContexts } from './tls-client-contexts.js';
import { TlsServerContexts } from './tls-server-contexts.js';
import { tlsSideKeys, tlsSideOptions } from './tls-side-options.js';
import { trustedAuthorities } from './trusted-authorities.js';

/** The options that certificates for clients come from. */
export const storeKeys = [
  'confdir',
  'certs',
  'certPassphrase',
  'keySize',
  'ciphersClient',
] as const satisfies readonly (keyof ProxyValues)[];

/** The options that {@link openServerContexts} reads. */
export const serverKeys = [
  ...tlsSideKeys.server,
  'sslVerifyUpstreamTrustedCa',
  'sslVerifyUpstreamTrustedConfdir',
  'clientCerts',
  'certPassphrase',
] as const satisfies readonly (keyof ProxyValues)[];

/**
 * Looks at the values of all options of TLS. No authority is made, and none is opened.
 * @throws {OptionError} that names the option, when one of them cannot be used
 */
export async function checkTlsOptions(values: ProxyValues, now: number): Promise<void> {
  tlsSideOptions('client', values);
  if (values.addUpstreamCertsToClientChain && !values.upstreamCert) {
    throw new OptionError('add_upstream_certs_to_client_chain needs upstream_cert, which is off');
  }
  for (const spec of values.certs.map(parseOwnCertificate)) {
    await readOwnCertificate(spec, { now, passphrase: values.certPassphrase });
  }
  await openServerContexts(values);
}

/** The certificates for clients. @throws {OptionError} when one of the files cannot be used */
export function openStore(values: ProxyValues, clock: Clock): Promise<CertificateStore> {
  const { confdir, certs, certPassphrase: passphrase, keySize, ciphersClient } = values;
  const isTemporary = confdir === undefined;
  return openCertificateStore({
    directory: confdir,
    authority: isTemporary ? processAuthority() : undefined,
    own: certs,
    passphrase,
    keySize,
    // A key for P-256 is there at once, and in-process clients take it; ciphers may be for RSA alone.
    keyType: isTemporary && ciphersClient === undefined ? 'p-256' : 'rsa-2048',
    clock,
  });
}

/** What clients are shown. @throws {OptionError} for versions, ciphers and curves that cannot be used */
export function openClientContexts(values: ProxyValues, store: CertificateStore): TlsClientContexts {
  return new TlsClientContexts(store, tlsSideOptions('client', values));
}

/** What servers are spoken with. @throws {OptionError} when an option or a file cannot be used */
export async function openServerContexts(values: ProxyValues): Promise<TlsServerContexts> {
  const options = tlsSideOptions('server', values);
  return new TlsServerContexts(options, await trustedAuthorities(values), await ClientCertificates.open(values));
}
