/** X.509 certificates (RFC 5280): the structure by node-forge, keys and signatures by node:crypto. */
import { createHash, createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  bits,
  contentOf,
  decode,
  encode,
  integer,
  nothing,
  objectIdentifier,
  partsOf,
  pem,
  sequence,
  setOf,
  tagged,
  time,
  utf8,
} from './der.js';
import type { Der } from './der.js';
import { extensionValue } from './x509-extensions.js';

/** Who signs: the name that stands as the issuer, and the private key. */
export interface Signer {
  readonly name: Der;
  readonly key: KeyObject;
  /** The subject key identifier of its certificate. */
  readonly keyIdentifier: Buffer;
}

/** What a certificate says. */
export interface CertificateFields {
  readonly subject: Der;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In the order in which they are written. */
  readonly extensions: readonly Der[];
}

/** A certificate that was just signed. */
export interface SignedCertificate {
  readonly pem: string;
  /** The bytes of its serial number. */
  readonly serial: Buffer;
}

/** Signs a certificate, under a serial number of its own. */
export function signCertificate(fields: CertificateFields, signer: Signer): SignedCertificate {
  const serial = serialNumber();
  const der = signed(signer, (algorithm) => [
    tagged(0, [integer(2)]),
    integer(serial),
    algorithm,
    signer.name,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    publicKeyInfo(fields.publicKey),
    tagged(3, [sequence(...fields.extensions)]),
  ]);
  return { pem: pem('CERTIFICATE', der), serial };
}

/** Something of the form that certificates, revocation lists and OCSP answers share: content, algorithm, signature. */
export function signed(signer: Signer, content: (algorithm: Der) => Der[]): Buffer {
  const algorithm = signatureAlgorithm(signer.key);
  const body = sequence(...content(algorithm));
  const hash = signer.key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return encode(sequence(body, algorithm, bits(sign(hash, encode(body), signer.key))));
}

/** A name with a common name and an organization, or with neither: both as UTF-8. */
export function distinguishedName(commonName: string | undefined, organization?: string): Der {
  const attribute = (type: string, text: string): Der => setOf(sequence(objectIdentifier(type), utf8(text)));
  return sequence(
    ...(commonName === undefined ? [] : [attribute('2.5.4.3', commonName)]),
    ...(organization === undefined ? [] : [attribute('2.5.4.10', organization)]),
  );
}

/** The SHA-1 of the bits of a public key: the usual key identifier (RFC 5280, 4.2.1.2, method 1). */
export function keyIdentifier(key: KeyObject): Buffer {
  const [, bitString] = partsOf(publicKeyInfo(key));
  // The first byte of a BIT STRING counts its unused bits: none.
  return createHash('sha1').update(contentOf(bitString).subarray(1)).digest();
}

/** What signs as a certificate's subject does. */
export function signerOf(certificate: X509Certificate, key: KeyObject): Signer {
  return {
    name: subjectOf(certificate),
    key,
    keyIdentifier: extensionValue(toBeSigned(certificate), '2.5.29.14') ?? keyIdentifier(key),
  };
}

/** The subject of a certificate, as it is written there. */
function subjectOf(certificate: X509Certificate): Der {
  const subject = toBeSigned(certificate)[5];
  if (subject === undefined) throw new TypeError('the certificate has no subject');
  return subject;
}

/** The fields of a certificate; a version stands first, as in every certificate with extensions. */
function toBeSigned(certificate: X509Certificate): readonly Der[] {
  const fields = partsOf(partsOf(decode(certificate.raw))[0]);
  const hasVersion = fields[0]?.constructed === true;
  return hasVersion ? fields : [nothing(), ...fields];
}

/** 127 bits of chance, positive and never zero. Serials must not be guessed, so no seed decides them. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

/** Leafs share their key, so the structure is made once a key. */
const publicKeys = new WeakMap<KeyObject, Der>();

function publicKeyInfo(key: KeyObject): Der {
  let info = publicKeys.get(key);
  if (info === undefined) {
    const publicKey = key.type === 'private' ? createPublicKey(key) : key;
    info = decode(publicKey.export({ type: 'spki', format: 'der' }));
    publicKeys.set(key, info);
  }
  return info;
}

/** Whether certificates can be signed with a key. */
export function canSign(key: KeyObject): boolean {
  return ['rsa', 'ec', 'ed25519'].includes(String(key.asymmetricKeyType));
}

/** Elliptic curves take no parameters; RSA has a NULL there (RFC 3279, 2.2). */
function signatureAlgorithm(key: KeyObject): Der {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(objectIdentifier('1.2.840.113549.1.1.11'), nothing());
    case 'ec':
      return sequence(objectIdentifier('1.2.840.10045.4.3.2'));
    case 'ed25519':
      return sequence(objectIdentifier('1.3.101.112'));
    default:
      throw new TypeError(`a key of type ${String(key.asymmetricKeyType)} cannot sign certificates`);
  }
}
