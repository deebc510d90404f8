/**
 * PKCS#12 files (RFC 7292) with a certificate and perhaps its private key, of any kind. node-forge's own maker of them
 * takes RSA alone: here it derives the key of the MAC, and encrypts.
 */
import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { bmp, decode, encode, integer, nothing, objectIdentifier, octets, sequence, setOf, tagged } from './der.js';
import type { Der } from './der.js';

/** What is derived from a password: the key of a MAC (appendix B.3). */
const forMac = 3;

const iterations = 2048;

/**
 * A PKCS#12 file with a certificate and, when one is given, its private key. The password is empty, as in mitmproxy's
 * files; triple DES is what every system's import dialog reads, and SHA-1 for the MAC.
 * @param certificate in PEM
 */
export function pkcs12(certificate: string, key: KeyObject | undefined, friendlyName: string): Buffer {
  const { raw } = new X509Certificate(certificate);
  const attributes = setOf(
    attribute(oid('localKeyId'), octets(createHash('sha1').update(raw).digest())),
    attribute(oid('friendlyName'), bmp(friendlyName)),
  );
  const contents = [
    safeContents(oid('certBag'), sequence(oid('x509Certificate'), tagged(0, [octets(raw)])), attributes),
  ];
  if (key !== undefined) contents.push(safeContents(oid('pkcs8ShroudedKeyBag'), shrouded(key), attributes));
  const safe = encode(sequence(...contents));
  return encode(sequence(integer(3), data(safe), macOf(safe)));
}

/** A SafeContents with one bag. */
function safeContents(type: Der, value: Der, attributes: Der): Der {
  return data(encode(sequence(sequence(type, tagged(0, [value]), attributes))));
}

function shrouded(key: KeyObject): Der {
  const info = decode(key.export({ type: 'pkcs8', format: 'der' }));
  return forge.pki.encryptPrivateKeyInfo(info, '', { algorithm: '3des', count: iterations });
}

/** A ContentInfo of plain data (RFC 5652, section 3). */
function data(content: Buffer): Der {
  return sequence(oid('data'), tagged(0, [octets(content)]));
}

function macOf(safe: Buffer): Der {
  const salt = randomBytes(8);
  const salted = forge.util.createBuffer(salt.toString('latin1'));
  const key = forge.pkcs12.generateKey('', salted, forMac, iterations, 20).getBytes();
  const digest = createHmac('sha1', Buffer.from(key, 'latin1')).update(safe).digest();
  return sequence(sequence(sequence(oid('sha1'), nothing()), octets(digest)), octets(salt), integer(iterations));
}

function attribute(type: Der, value: Der): Der {
  return sequence(type, setOf(value));
}

/** An OBJECT IDENTIFIER by the name that node-forge has for it. */
function oid(name: string): Der {
  return objectIdentifier(String(forge.pki.oids[name]));
}

/** The first certificate of a PKCS#12 file whose password is empty. Throws for bytes that are no such file. */
export function certificateOfPkcs12(bytes: Buffer): X509Certificate | undefined {
  const file = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(bytes.toString('latin1')), '');
  const bags = file.getBags({ bagType: String(forge.pki.oids['certBag']) });
  const [found] = Object.values(bags).flatMap((list) => list ?? []);
  if (found === undefined) return undefined;
  // Of keys other than RSA there is what was read, and no certificate.
  return new X509Certificate(found.cert ? forge.pki.certificateToPem(found.cert) : encode(found.asn1));
}
