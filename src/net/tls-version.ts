/** TLS versions as options name them, and what they are to Node. */
import type { SecureVersion } from 'node:tls';
import { OptionError } from '../errors.js';

/** The versions that are spoken: options of `tls.connect` and `tls.createServer`. */
export interface TlsVersions {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

/** Every name that `--ssl-version` takes. `secure` is what Node itself takes to be so. */
export const tlsVersions = {
  secure: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
  all: { minVersion: 'TLSv1', maxVersion: 'TLSv1.3' },
  TLSv1: { minVersion: 'TLSv1', maxVersion: 'TLSv1' },
  TLSv1_1: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' },
  TLSv1_2: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
  TLSv1_3: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
} as const satisfies Record<string, TlsVersions>;

/** The names, for usage texts. */
export const tlsVersionNames = Object.keys(tlsVersions);

/** OpenSSL's old word for whatever both sides speak. */
const formerName = 'SSLv23';

const byName = new Map<string, TlsVersions>([...Object.entries(tlsVersions), [formerName, tlsVersions.all]]);

/**
 * What a name of {@link tlsVersions} stands for; a point may stand for the underscore.
 * @throws {OptionError} for another name, and for the versions that OpenSSL has given up
 */
export function readTlsVersions(text: string): TlsVersions {
  const versions = byName.get(text.replace('.', '_'));
  if (versions !== undefined) return versions;
  if (/^SSLv[23]$/i.test(text)) {
    throw new OptionError(`Node.js and its OpenSSL do not speak ${text} (the oldest that they speak is TLSv1)`);
  }
  throw new OptionError(`unknown TLS version ${JSON.stringify(text)} (known: ${tlsVersionNames.join(', ')})`);
}

/**
 * The cipher list that versions need. OpenSSL 3 speaks TLS 1.0 and 1.1 at security level 0 alone.
 * @param ciphers the list that was asked for; undefined for Node's own
 */
export function ciphersFor({ minVersion }: TlsVersions, ciphers: string | undefined): string | undefined {
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  return isOld && ciphers?.includes('@SECLEVEL') !== true ? `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0` : ciphers;
}

/**
 * Looks for lists that would change nothing: OpenSSL takes them without a word.
 * @throws {OptionError} for an empty list, and for one without suites of TLS 1.3 where nothing older is spoken
 */
export function checkCipherList({ minVersion }: TlsVersions, ciphers: string): void {
  if (ciphers.trim() === '') throw new OptionError('ciphers takes a list of cipher suites, not an empty text');
  // What stands behind the at sign is a security level, which counts for TLS 1.3 too.
  if (minVersion === 'TLSv1.3' && !/TLS_|@/.test(ciphers)) {
    throw new OptionError(
      `no cipher suite of TLS 1.3 is in the list ${JSON.stringify(ciphers)} (their names begin with TLS_)`,
    );
  }
}

/** Looks at what code gave, who may not use TypeScript. @throws {OptionError} when it is no {@link TlsVersions} */
export function checkTlsVersions(given: unknown): void {
  const known = Object.values(tlsVersions);
  const { minVersion, maxVersion } = Object(given) as { minVersion?: unknown; maxVersion?: unknown };
  const isKnown = (version: unknown): boolean =>
    known.some((each) => each.minVersion === version || each.maxVersion === version);
  if (!isKnown(minVersion) || !isKnown(maxVersion)) {
    throw new OptionError(`sslVersion takes one of ${tlsVersionNames.join(', ')}`);
  }
}
