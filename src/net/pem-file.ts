/** Files with a private key and certificates in PEM: an authority's, a server's or a client's own. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OptionError } from '../errors.js';
import { systemReason } from './system-error.js';

/** What such a file holds. */
export interface KeyAndCertificates {
  readonly key: KeyObject;
  /** The certificate that belongs to the key. */
  readonly certificate: X509Certificate;
  /** The certificates after it, in the order of the file. */
  readonly chain: readonly X509Certificate[];
}

/** How a file is read. */
export interface PemFileOptions {
  /** What the file is for, as messages say it: `certificate authority`. */
  readonly role: string;
  /** For an encrypted private key. */
  readonly passphrase?: string | undefined;
}

interface PemBlock {
  readonly whole: string;
  readonly label: string;
}

type Problem = (what: string) => OptionError;

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;

/**
 * Reads a file with a private key, its certificate, and then whatever certificates lead to an
 * authority. The key may stand anywhere.
 * @throws {OptionError} when the file cannot be read, lacks a part, is broken, or its key belongs to another certificate
 */
export async function readPemFile(path: string, options: PemFileOptions): Promise<KeyAndCertificates> {
  return parsePem(await readText(path, options.role), path, options);
}

/**
 * Reads a file of certificates in PEM; whatever else stands there is left alone.
 * @param role what the file is for, as messages say it
 * @throws {OptionError} when the file cannot be read, holds no certificate, or a broken one
 */
export async function readCertificates(path: string, role: string): Promise<readonly X509Certificate[]> {
  return parseCertificates(await readText(path, role), path, role);
}

/** The text of such a file; the path is for messages. Throws as {@link readCertificates} does. */
export function parseCertificates(text: string, path: string, role: string): readonly X509Certificate[] {
  const problem: Problem = (what) => new OptionError(`${role} ${path} ${what}`);
  const certificates = certificatesAmong(blocksOf(text), problem);
  if (certificates.length === 0) throw problem('holds no certificate in PEM');
  return certificates;
}

/** The text of such a file; the path is for messages. Throws as {@link readPemFile} does. */
export function parsePem(text: string, path: string, { role, passphrase }: PemFileOptions): KeyAndCertificates {
  const problem: Problem = (what) => new OptionError(`${role} ${path} ${what}`);
  const blocks = blocksOf(text);
  if (blocks.length === 0) throw problem('is not a PEM file: no "-----BEGIN ...-----" with its end');
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [keyBlock] = keys;
  if (keyBlock === undefined) throw problem('holds no private key');
  if (keys.length > 1) throw problem('holds more than one private key');
  const key = parseKey(keyBlock.whole, passphrase, problem);
  const [certificate, ...chain] = certificatesAmong(blocks, problem);
  if (certificate === undefined) throw problem('holds no certificate');
  if (!certificate.checkPrivateKey(key)) {
    const later = chain.some((other) => other.checkPrivateKey(key));
    throw problem(
      later
        ? 'has the certificate of its private key in the wrong place: it must be the first certificate'
        : 'holds a private key that does not match its certificate',
    );
  }
  return { key, certificate, chain };
}

/** One line when a certificate has ended or not begun, and undefined when it is valid now. */
export function validityNotice(certificate: X509Certificate, what: string, now: number): string | undefined {
  if (Date.parse(certificate.validTo) < now) return `${what} expired on ${day(certificate.validTo)}`;
  if (Date.parse(certificate.validFrom) > now) return `${what} is not valid before ${day(certificate.validFrom)}`;
  return undefined;
}

async function readText(path: string, role: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw new OptionError(`cannot read ${role} ${path}: ${systemReason(error).reason}`);
  }
}

function blocksOf(text: string): PemBlock[] {
  return [...text.matchAll(block)].map(([whole, label = '']) => ({ whole, label }));
}

function certificatesAmong(blocks: readonly PemBlock[], problem: Problem): X509Certificate[] {
  const certificates = blocks.filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label));
  return certificates.map(({ whole }, index) => {
    try {
      return new X509Certificate(whole);
    } catch {
      throw problem(`is broken: certificate ${String(index + 1)} cannot be parsed`);
    }
  });
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}

function parseKey(text: string, passphrase: string | undefined, problem: Problem): KeyObject {
  const encrypted = text.includes('ENCRYPTED');
  if (encrypted && passphrase === undefined) throw problem('has an encrypted private key, and no passphrase was given');
  try {
    return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch {
    throw problem(
      encrypted ? 'cannot be decrypted with the passphrase given' : 'is broken: its private key cannot be parsed',
    );
  }
}
