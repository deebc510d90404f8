/** The certificate authority that signs what pathod and the proxy show to clients. */
import { generateKeyPair, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { OptionError } from '../errors.js';
import {
  authorityCertificateFile,
  authorityFile,
  claimAuthorityFile,
  completeAuthorityFiles,
  openKeyNotice,
  readAuthorityFile,
} from './authority-files.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { expandHome } from './expand-home.js';
import { parsePem, validityNotice } from './pem-file.js';
import { canSign, distinguishedName, keyIdentifier, signCertificate, signerOf } from './x509.js';
import type { Signer } from './x509.js';
import { authorityConstraints, keyUsage, serverAuthentication, subjectKeyIdentifier } from './x509-extensions.js';

/** Where mitmproxy keeps its authority, so that clients which trust that one need no further step. */
export const defaultConfigurationDirectory = '~/.mitmproxy';

const day = 24 * 60 * 60 * 1000;

/** How an authority is opened. */
export interface AuthorityOptions {
  /** For an authority of one's own whose private key is encrypted. */
  readonly passphrase?: string | undefined;
  /** Bits of the RSA key of one that is made; 2048 when absent. */
  readonly keySize?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** An authority: its certificate and key. */
export interface Authority {
  readonly certificate: X509Certificate;
  /** The certificate as PEM. */
  readonly pem: string;
  /** What is sent after a leaf, as PEM: empty for a root, which clients have already. */
  readonly chain: readonly string[];
  readonly signer: Signer;
  /** The file that clients are to trust; undefined for an authority that lies in no directory. */
  readonly certificatePath: string | undefined;
  /** One line to show when its certificate has expired or is not valid yet. */
  readonly notice: string | undefined;
  /** Lines to show about its files: a key that others may read, and files of another authority. */
  readonly fileNotices: readonly string[];
}

/**
 * Opens the authority of a configuration directory, and makes it when there is none. One that
 * mitmproxy made is used as it is, and ours is used by mitmproxy. Several processes may do so at
 * once: they get the same one. A file with further certificates is an intermediate authority,
 * whose certificates are sent along.
 * @throws {OptionError} when it cannot be read or written, is broken, or is no authority
 */
export async function openAuthority(
  directory: string = defaultConfigurationDirectory,
  { passphrase, keySize = 2048, clock = systemClock }: AuthorityOptions = {},
): Promise<Authority> {
  const folder = resolve(expandHome(directory));
  const path = join(folder, authorityFile);
  const there = await readAuthorityFile(folder);
  const made = there === undefined ? await newAuthority(keySize, clock) : undefined;
  const text = made === undefined ? (there ?? '') : await claimAuthorityFile(folder, made);
  const { key, certificate, chain } = parsePem(text, path, { role: 'certificate authority', passphrase });
  if (!certificate.ca) {
    throw new OptionError(`certificate authority ${path} holds a certificate that may not sign others`);
  }
  if (!canSign(key)) {
    throw new OptionError(
      `certificate authority ${path} has a ${String(key.asymmetricKeyType)} key, which is not supported`,
    );
  }
  const others = await completeAuthorityFiles(folder, { certificate, key, isNew: text === made });
  const open = await openKeyNotice(folder);
  return {
    certificate,
    pem: certificate.toString(),
    chain: chain.length === 0 ? [] : [certificate, ...chain].map(String),
    signer: signerOf(certificate, key),
    certificatePath: join(folder, authorityCertificateFile),
    notice: validityNotice(certificate, `certificate authority ${path}`, clock.now()),
    fileNotices: [...(open === undefined ? [] : [open]), ...others],
  };
}

/** An authority that lies in no directory and ends with the process: for tests, and to be distrusted. */
export function temporaryAuthority(key: KeyObject, name: string, clock: Clock = systemClock): Authority {
  const pem = selfSigned(key, name, clock);
  const certificate = new X509Certificate(pem);
  return {
    certificate,
    pem,
    chain: [],
    signer: signerOf(certificate, key),
    certificatePath: undefined,
    notice: undefined,
    fileNotices: [],
  };
}

/** The text of a new `mitmproxy-ca.pem`. */
async function newAuthority(modulusLength: number, clock: Clock): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() + selfSigned(privateKey, 'mitmproxy', clock);
}

/** The certificate of an authority: as mitmproxy's, from two days ago for ten years. */
function selfSigned(key: KeyObject, name: string, clock: Clock): string {
  const subject = distinguishedName(name, name);
  const identifier = keyIdentifier(key);
  const now = clock.now();
  const fields = {
    subject,
    publicKey: key,
    notBefore: new Date(now - 2 * day),
    notAfter: new Date(now + 3650 * day),
    extensions: [
      authorityConstraints(),
      serverAuthentication(),
      keyUsage('authority'),
      subjectKeyIdentifier(identifier),
    ],
  };
  return signCertificate(fields, { name: subject, key, keyIdentifier: identifier }).pem;
}
