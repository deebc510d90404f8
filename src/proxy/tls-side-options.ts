/** Versions, cipher suites and curves of one side of the proxy, as the options say it and as Node takes it. */
import { createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureVersion } from 'node:tls';
import { OptionError } from '../errors.js';
import { opensslReason } from '../net/tls-dial-error.js';
import { checkCipherList, ciphersFor } from '../net/tls-version.js';
import type { TlsVersions } from '../net/tls-version.js';
import type { ProxyValues } from './options.js';

/** Which connections an option is about. */
export type TlsSide = 'client' | 'server';

/** What one side speaks. */
export interface TlsSideOptions {
  readonly versions: TlsVersions;
  /** A cipher list of OpenSSL's; undefined for Node's own. */
  readonly ciphers: string | undefined;
  readonly curve: string | undefined;
}

/** The names of versions that options take, the oldest first. */
const versionNames = ['SSL3', 'TLS1', 'TLS1_1', 'TLS1_2', 'TLS1_3'] as const;

const secureVersions: Readonly<Record<string, SecureVersion>> = {
  TLS1: 'TLSv1',
  TLS1_1: 'TLSv1.1',
  TLS1_2: 'TLSv1.2',
  TLS1_3: 'TLSv1.3',
};

/** The options that {@link tlsSideOptions} reads. */
export const tlsSideKeys = {
  client: ['tlsVersionClientMin', 'tlsVersionClientMax', 'ciphersClient', 'tlsEcdhCurveClient'],
  server: ['tlsVersionServerMin', 'tlsVersionServerMax', 'ciphersServer', 'tlsEcdhCurveServer'],
} as const satisfies Record<TlsSide, readonly (keyof ProxyValues)[]>;

/**
 * What one side speaks.
 * @throws {OptionError} for versions of which none is left, and for ciphers and curves that OpenSSL does not know
 */
export function tlsSideOptions(side: TlsSide, values: ProxyValues): TlsSideOptions {
  const [minKey, maxKey, ciphersKey, curveKey] = tlsSideKeys[side];
  const versions = readVersions(side, values[minKey], values[maxKey]);
  const ciphers = values[ciphersKey];
  const curve = values[curveKey];
  if (ciphers !== undefined) checkCiphers(`ciphers_${side}`, versions, ciphers);
  if (curve !== undefined) checkCurve(`tls_ecdh_curve_${side}`, curve);
  return { versions, ciphers: ciphersFor(versions, ciphers), curve };
}

function readVersions(side: TlsSide, oldest: string, newest: string): TlsVersions {
  const min = `tls_version_${side}_min`;
  const max = `tls_version_${side}_max`;
  for (const [name, value] of [
    [min, oldest],
    [max, newest],
  ]) {
    if (value === 'SSL3')
      throw new OptionError(`${String(name)} is SSL3, which this OpenSSL does not speak: TLS1 is the oldest`);
  }
  const rank = (value: string): number => versionNames.findIndex((name) => name === value);
  if (newest !== 'UNBOUNDED' && rank(oldest) > rank(newest)) {
    throw new OptionError(`${min} (${oldest}) is above ${max} (${newest})`);
  }
  return { minVersion: secureVersions[oldest] ?? 'TLSv1', maxVersion: secureVersions[newest] ?? 'TLSv1.3' };
}

function checkCiphers(name: string, versions: TlsVersions, ciphers: string): void {
  try {
    checkCipherList(versions, ciphers);
    createSecureContext({ ...versions, ciphers });
  } catch (error) {
    const reason =
      error instanceof OptionError ? error.message : `OpenSSL knows no cipher of ${JSON.stringify(ciphers)}`;
    throw new OptionError(`${name}: ${reason}`);
  }
}

function checkCurve(name: string, curve: string): void {
  try {
    createSecureContext({ ecdhCurve: curve });
  } catch (error) {
    const reason = opensslReason(error);
    dropOpensslErrors();
    const more = reason === undefined ? '' : ` (${reason})`;
    throw new OptionError(`${name}: OpenSSL knows no curve ${JSON.stringify(curve)}${more}; try prime256v1 or X25519`);
  }
}

/**
 * Node leaves the reason for which a curve was refused in OpenSSL's queue of errors, where the next private key that is
 * read would find it and be refused in its turn. A key that is none empties the queue.
 */
function dropOpensslErrors(): void {
  try {
    createPrivateKey('');
  } catch {
    // As expected.
  }
}
