/** What the options say of TLS, read and checked. */
import { OptionError } from '../errors.js';
import { openAuthority } from '../net/authority.js';
import type { Authority } from '../net/authority.js';
import type { LeafKeyType } from '../net/certificate-maker.js';
import { openCertificateStore } from '../net/certificate-store.js';
import type { Clock } from '../net/clock.js';
import { parseOwnCertificate, readOwnCertificate } from '../net/own-certificate.js';
import { processAuthority } from '../net/process-authority.js';
import { ClientCertificates } from './client-certificates.js';
import { namingOption } from './naming-option.js';
import type { ProxyValues } from './options.js';
import { TlsClientContexts } from './tls-client-contexts.js';
import { TlsServerContexts } from './tls-server-contexts.js';
import { tlsSideKeys, tlsSideOptions } from './tls-side-options.js';
import { trustedAuthorities } from './trusted-authorities.js';

/** The options that {@link openAuthorityOf} reads. */
export const authorityKeys = ['confdir', 'certPassphrase', 'keySize'] as const satisfies readonly (keyof ProxyValues)[];

/** The options that {@link openClientContexts} reads. */
export const clientKeys = [
  ...authorityKeys,
  ...tlsSideKeys.client,
  'certs',
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
  await namingOption('certs', async () => {
    for (const spec of values.certs.map(parseOwnCertificate)) {
      await readOwnCertificate(spec, { now, passphrase: values.certPassphrase });
    }
  });
  await openServerContexts(values);
}

/** The authority of the options. It is made when there is none. @throws {OptionError} when it cannot be used */
export async function openAuthorityOf(values: ProxyValues, clock: Clock): Promise<Authority> {
  const { confdir, certPassphrase: passphrase, keySize } = values;
  if (confdir === undefined) return processAuthority();
  return namingOption('confdir', () => openAuthority(confdir, { passphrase, keySize, clock }));
}

/**
 * What clients are shown. Making an RSA key takes a tenth of a second.
 * @throws {OptionError} when an option or a file cannot be used
 */
export async function openClientContexts(
  values: ProxyValues,
  { authority, keyType, clock }: { authority: Authority; keyType: LeafKeyType; clock: Clock },
): Promise<TlsClientContexts> {
  const { certs: own, certPassphrase: passphrase } = values;
  const options = tlsSideOptions('client', values);
  return new TlsClientContexts(await openCertificateStore({ authority, own, passphrase, keyType, clock }), options);
}

/** What servers are spoken with. @throws {OptionError} when an option or a file cannot be used */
export async function openServerContexts(values: ProxyValues): Promise<TlsServerContexts> {
  const options = tlsSideOptions('server', values);
  return new TlsServerContexts(options, await trustedAuthorities(values), await ClientCertificates.open(values));
}
