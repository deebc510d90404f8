import type { KeyObject } from 'node:crypto';
import forge from 'node-forge';

/**
 * A PKCS#12 file with an RSA certificate and, when one is given, its private key. The password is
 * empty, as in mitmproxy's files; triple DES is what every system's import dialog reads.
 */
export function pkcs12(certificate: string, key: KeyObject | undefined, friendlyName: string): Buffer {
  const parsed = forge.pki.certificateFromPem(certificate);
  const privateKey =
    key === undefined ? null : forge.pki.privateKeyFromPem(key.export({ type: 'pkcs1', format: 'pem' }).toString());
  const file = forge.pkcs12.toPkcs12Asn1(privateKey, [parsed], '', { algorithm: '3des', friendlyName });
  return Buffer.from(forge.asn1.toDer(file).getBytes(), 'latin1');
}
