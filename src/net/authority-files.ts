/**
 * The files of a certificate authority, under the names that mitmproxy gives them.
 *
 * `mitmproxy-ca.pem` is the authority; all others follow from it. It appears under its name whole
 * and once: it is written elsewhere and then linked, which fails when somebody was quicker. So of
 * several processes that start at once one makes the authority, and the others use that.
 */
import { randomBytes } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { access, link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionError } from '../errors.js';
import { pkcs12 } from './pkcs12.js';
import { systemReason } from './system-error.js';

/** The private key and the certificate; nobody else may read it. */
export const authorityFile = 'mitmproxy-ca.pem';

/** The certificate alone: what clients are told to trust. */
export const authorityCertificateFile = 'mitmproxy-ca-cert.pem';

/** The text of the authority's file, and undefined when there is none yet. */
export async function readAuthorityFile(directory: string): Promise<string | undefined> {
  const path = join(directory, authorityFile);
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    const { code, reason } = systemReason(error);
    if (code === 'ENOENT') return undefined;
    throw new OptionError(`cannot read certificate authority ${path}: ${reason}`);
  }
}

/** Writes a new authority unless there is one by now, and returns the text of the one that is there. */
export async function claimAuthorityFile(directory: string, text: string): Promise<string> {
  const path = join(directory, authorityFile);
  try {
    await mkdir(directory, { recursive: true });
    await place(path, text, 0o600, claim);
  } catch (error) {
    throw new OptionError(`cannot write certificate authority ${path}: ${systemReason(error).reason}`);
  }
  return (await readAuthorityFile(directory)) ?? text;
}

/**
 * Writes those of the other files that are missing. An authority may lie in a directory that is not
 * ours to write: then it is used as it is.
 */
export async function completeAuthorityFiles(
  directory: string,
  certificate: X509Certificate,
  key: KeyObject,
): Promise<void> {
  const text = certificate.toString();
  const files: [name: string, mode: number, content: () => string | Buffer][] = [
    [authorityCertificateFile, 0o644, () => text],
    ['mitmproxy-ca-cert.cer', 0o644, () => text],
  ];
  // node-forge reads no other certificates than those of RSA keys.
  if (key.asymmetricKeyType === 'rsa') {
    files.push(['mitmproxy-ca.p12', 0o600, () => pkcs12(text, key, 'mitmproxy')]);
    files.push(['mitmproxy-ca-cert.p12', 0o644, () => pkcs12(text, undefined, 'mitmproxy')]);
  }
  for (const [name, mode, content] of files) {
    const path = join(directory, name);
    if (await exists(path)) continue;
    try {
      await place(path, content(), mode, rename);
    } catch (error) {
      const { code, reason } = systemReason(error);
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return;
      throw new OptionError(`cannot write ${path}: ${reason}`);
    }
  }
}

/** Writes a file beside its place, and then puts it there whole. */
async function place(
  path: string,
  content: string | Buffer,
  mode: number,
  put: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${String(process.pid)}-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode, flag: 'wx', flush: true });
    await put(draft, path);
  } finally {
    await unlink(draft).catch(() => {
      // Renamed, or never written: it is gone either way.
    });
  }
}

/** Gives a file its name unless that is taken. */
async function claim(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = systemReason(error);
    if (code === 'EEXIST') return;
    // File systems without links: only two first starts in the same instant could now disagree.
    if (code === 'ENOENT' || (await exists(to))) throw error;
    await rename(from, to);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
