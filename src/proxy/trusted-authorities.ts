/** Whose certificates servers may have, where the options name them. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OptionError } from '../errors.js';
import { expandHome } from '../net/expand-home.js';
import { parseCertificates, readCertificates } from '../net/pem-file.js';
import { systemReason } from '../net/system-error.js';
import type { ProxyValues } from './options.js';

/** The names that `c_rehash` gives to files in such a directory, and those that people give them. */
const certificateFile = /^[\da-f]{8}\.\d+$|\.(?:pem|crt|cer)$/i;

/**
 * The certificates that those of servers must lead to, as PEM. As with mitmproxy, these alone are trusted.
 * @returns undefined when the options name none: then Node's own are trusted
 * @throws {OptionError} when a file or a directory cannot be read, or holds none
 */
export async function trustedAuthorities(values: ProxyValues): Promise<readonly string[] | undefined> {
  const { sslVerifyUpstreamTrustedCa: file, sslVerifyUpstreamTrustedConfdir: directory } = values;
  if (file === undefined && directory === undefined) return undefined;
  const found = new Set<string>();
  if (file !== undefined) {
    const all = await readCertificates(resolve(expandHome(file)), 'ssl_verify_upstream_trusted_ca');
    for (const certificate of all) found.add(String(certificate));
  }
  if (directory !== undefined) {
    for (const pem of await inDirectory(resolve(expandHome(directory)))) found.add(pem);
  }
  return [...found];
}

async function inDirectory(directory: string): Promise<string[]> {
  const role = 'ssl_verify_upstream_trusted_confdir';
  const cannotRead = (path: string) => (error: unknown) => {
    throw new OptionError(`cannot read ${role} ${path}: ${systemReason(error).reason}`);
  };
  const names = await readdir(directory).catch(cannotRead(directory));
  const found: string[] = [];
  for (const name of names.filter((each) => certificateFile.test(each)).sort()) {
    const path = join(directory, name);
    const text = await readFile(path, 'latin1').catch(cannotRead(path));
    // Keys and lists of revoked certificates may have such names as well.
    if (text.includes('CERTIFICATE-----')) found.push(...parseCertificates(text, path, role).map(String));
  }
  if (found.length === 0) throw new OptionError(`${role} ${directory} holds no file with a certificate in PEM`);
  return found;
}
