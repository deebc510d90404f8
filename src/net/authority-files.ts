/**
 * The files of a certificate authority, under the names that mitmproxy gives them.
 *
 * `mitmproxy-ca.pem` is the authority; all others follow from it. It appears under its name whole
 * and once: it is written elsewhere and then linked, which fails when somebody was quicker. So of
 * several processes that start at once one makes the authority, and the others use that.
 */
import { randomBytes } from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { access, link, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionError } from '../errors.js';
import { makeDirectory } from './make-directory.js';
import { certificateOfPkcs12, pkcs12 } from './pkcs12.js';
import { systemReason } from './system-error.js';

/** The private key and the certificate; nobody else may read it. */
export const authorityFile = 'mitmproxy-ca.pem';

/** The certificate alone: what clients are told to trust. */
export const authorityCertificateFile = 'mitmproxy-ca-cert.pem';

/** What others may do with a private file (POSIX). */
const othersMode = 0o077;

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
    await makeDirectory(directory);
    await place(path, text, 0o600, claim);
  } catch (error) {
    throw new OptionError(`cannot write certificate authority ${path}: ${systemReason(error).reason}`);
  }
  return (await readAuthorityFile(directory)) ?? text;
}

/** A line when others than its owner may read or write the private key, with what mends it. */
export async function openKeyNotice(directory: string): Promise<string | undefined> {
  const path = join(directory, authorityFile);
  // Windows has no such modes; what it tells in their place means nothing.
  if (process.platform === 'win32') return undefined;
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0,
  );
  if ((mode & othersMode) === 0) return undefined;
  return `certificate authority ${path} holds a private key that others may read: chmod 600 ${path}`;
}

/**
 * Writes those of the other files that are missing, and all of them for an authority that is new.
 * An authority may lie in a directory that is not ours to write: then it is used as it is.
 * @returns a line for each file that is left as it is and holds another authority's certificate
 */
export async function completeAuthorityFiles(
  directory: string,
  { certificate, key, isNew }: { certificate: X509Certificate; key: KeyObject; isNew: boolean },
): Promise<readonly string[]> {
  const text = certificate.toString();
  const files: [name: string, mode: number, content: () => string | Buffer][] = [
    [authorityCertificateFile, 0o644, () => text],
    ['mitmproxy-ca-cert.cer', 0o644, () => text],
    ['mitmproxy-ca.p12', 0o600, () => pkcs12(text, key, 'mitmproxy')],
    ['mitmproxy-ca-cert.p12', 0o644, () => pkcs12(text, undefined, 'mitmproxy')],
  ];
  const others: string[] = [];
  for (const [name, mode, content] of files) {
    const path = join(directory, name);
    if (!isNew && (await exists(path))) {
      // PKCS#12 takes long to read: such a file is looked at when one that is read in no time is another's.
      const isLookedAt = !name.endsWith('.p12') || others.length > 0;
      if (isLookedAt && (await isOfAnother(path, certificate))) others.push(path);
      continue;
    }
    try {
      await place(path, content(), mode, rename);
    } catch (error) {
      const { code, reason } = systemReason(error);
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') break;
      throw new OptionError(`cannot write ${path}: ${reason}`);
    }
  }
  return others.map((path) => `${path} is not of the authority in ${authorityFile}: remove it to have it made anew`);
}

/** Whether a file holds a certificate, and another one. What cannot be read is nobody's. */
async function isOfAnother(path: string, certificate: X509Certificate): Promise<boolean> {
  try {
    const bytes = await readFile(path);
    const found = path.endsWith('.p12') ? certificateOfPkcs12(bytes) : new X509Certificate(bytes);
    return found !== undefined && !found.raw.equals(certificate.raw);
  } catch {
    return false;
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
