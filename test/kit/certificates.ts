/** Certificates for tests: an authority that nobody trusts, and what it signs. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryAuthority } from '../../src/net/authority.js';
import type { Certificate } from '../../src/net/certificate.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import type { CertificateRequest } from '../../src/net/certificate-maker.js';
import { temporaryDirectory } from './temporary-directory.js';

const authority = temporaryAuthority(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'Test authority');
const makers = { 'p-256': lazyMaker('p-256'), 'rsa-2048': lazyMaker('rsa-2048') };

/** The authority's own certificate, as PEM. */
export const authorityPem = authority.pem;

/** A certificate of that authority; for `localhost` and 127.0.0.1 unless told otherwise. */
export async function certificateFor(
  request: Partial<CertificateRequest> = {},
  key: keyof typeof makers = 'p-256',
): Promise<Certificate> {
  const maker = await makers[key]();
  return maker.make({ host: 'localhost', names: ['127.0.0.1', '::1'], ...request });
}

/** Writes texts to a file, which is removed when the test that made it is over. */
export function fileOf(...texts: readonly string[]): string {
  const path = join(temporaryDirectory(), 'file.pem');
  writeFileSync(path, texts.join(''));
  return path;
}

function lazyMaker(keyType: 'p-256' | 'rsa-2048'): () => Promise<CertificateMaker> {
  let maker: Promise<CertificateMaker> | undefined;
  return () => (maker ??= CertificateMaker.create(authority, { keyType }));
}
