import { X509Certificate } from 'node:crypto';
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

/** The first certificate of a PKCS#12 file whose password is empty. Throws for bytes that are no such file. */
export function certificateOfPkcs12(bytes: Buffer): X509Certificate | undefined {
  const file = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(bytes.toString('latin1')), '');
  const bags = file.getBags({ bagType: String(forge.pki.oids['certBag']) });
  const [found] = Object.values(bags).flatMap((list) => list ?? []);
  return found?.cert && new X509Certificate(forge.pki.certificateToPem(found.cert));
}
