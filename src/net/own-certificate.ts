/** Certificates that the user brings: `--cert [domain=]path`. */
import type { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { OptionError } from '../errors.js';
import { Certificate, certificateKey } from './certificate.js';
import { certificateName } from './certificate-names.js';
import { expandHome } from './expand-home.js';
import { readPemFile, validityNotice } from './pem-file.js';

/** Which file is shown for which domain. */
export interface OwnCertificateSpec {
  /** A name, a wildcard as `*.example.com`, or `*` for every host. */
  readonly domain: string;
  /** A PEM file with the private key, its certificate, and the chain after it. */
  readonly path: string;
}

/** A certificate of the user's, and when it is to be shown. */
export interface OwnCertificate {
  readonly domain: string;
  readonly certificate: Certificate;
  /** The names that the certificate itself is for, in small letters: its subject alternative names, else its common name. */
  readonly names: readonly string[];
  /** One line to show when it has expired or is not valid yet: it is shown to clients nevertheless. */
  readonly notice: string | undefined;
}

/**
 * Takes `[domain=]path` apart. Without a domain the certificate is for every host.
 * @throws {OptionError} when the domain or the path is empty or cannot be one
 */
export function parseOwnCertificate(text: string): OwnCertificateSpec {
  const [, given, rest = ''] = /^([^=/\\]*)=(.*)$/.exec(text) ?? [undefined, undefined, text];
  if (given === '' || rest === '')
    throw new OptionError(`invalid certificate ${JSON.stringify(text)} (write [DOMAIN=]PATH)`);
  const domain = given === undefined ? '*' : certificateName(given);
  if (!/^(?:\*|(?:\*\.)?[^*]+)$/.test(domain)) {
    throw new OptionError(`no name matches the domain ${JSON.stringify(given)} (write NAME, *.NAME or *)`);
  }
  return { domain, path: rest };
}

/**
 * Reads a certificate of the user's.
 * @throws {OptionError} when its file cannot be read, lacks key or certificate, or they do not match
 */
export async function readOwnCertificate(
  { domain, path }: OwnCertificateSpec,
  { now, passphrase }: { readonly now: number; readonly passphrase?: string | undefined },
): Promise<OwnCertificate> {
  const file = resolve(expandHome(path));
  const { key, certificate, chain } = await readPemFile(file, { role: 'certificate', passphrase });
  return {
    domain,
    certificate: new Certificate({
      pem: certificate.toString(),
      chain: chain.map(String),
      key: certificateKey(key),
    }),
    names: namesOf(certificate),
    notice: validityNotice(certificate, `certificate ${file}`, now),
  };
}

/**
 * `DNS:a.example, IP Address:127.0.0.1` -> `['a.example', '127.0.0.1']`. Quoted entries are of other kinds. A
 * certificate without such names has its common name (RFC 6125, section 6.4.4).
 */
function namesOf({ subjectAltName = '', subject }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^\s,"]+)/g)].map(([, name = '']) => name);
  const [, commonName] = /^CN=([\w.*:-]+)$/m.exec(subject) ?? [];
  if (names.length === 0 && commonName !== undefined) names.push(commonName);
  return names.map((name) => name.toLowerCase());
}
