/** The report of a TLS connection: `-S`. */
import type { X509Certificate } from 'node:crypto';
import { contentOf, decode, partsOf, readOid } from '../net/der.js';
import type { PeerTls } from '../net/peer-tls.js';

/** Names of signature algorithms as OpenSSL prints them, by object identifier (RFC 3279, 4055, 5758, 8410). */
const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.2.840.10040.4.3': 'dsaWithSHA1',
  '2.16.840.1.101.3.4.3.2': 'dsa_with_SHA256',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'ED25519',
  '1.3.101.113': 'ED448',
};

/** What was agreed on, and what the server showed: whole lines. */
export function tlsSummary({ protocol, cipher, certificates }: PeerTls): string {
  const lines = [
    `Application Layer Protocol: ${protocol ?? 'none'}`,
    ...(cipher === null ? [] : [`Cipher: ${cipher[0]}, ${String(cipher[1])} bit, ${cipher[2]}`]),
    'SSL certificate chain:',
    ...certificates.flatMap((certificate, index) => [`  Certificate [${String(index)}]`, ...summaryOf(certificate)]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function summaryOf(certificate: X509Certificate): string[] {
  const { subject, issuer, validFrom, validTo, serialNumber, subjectAltName } = certificate;
  const names = namesOf(subjectAltName);
  return [
    '\tSubject: ',
    ...attributes(subject),
    '\tIssuer: ',
    ...attributes(issuer),
    `\tVersion: ${String(versionOf(certificate))}`,
    `\tValidity: ${moment(validFrom)} - ${moment(validTo)}`,
    `\tSerial: ${decimal(serialNumber)}`,
    `\tAlgorithm: ${algorithmOf(certificate)}`,
    `\tPubkey: ${publicKeyOf(certificate)}`,
    ...(names.length === 0 ? [] : [`\tSANs: ${names.join(' ')}`]),
  ];
}

/** The attributes of a name, a line each. */
function attributes(name: string | undefined): string[] {
  return name === undefined || name === '' ? [] : name.split('\n').map((attribute) => `\t\t${attribute}`);
}

/** 1, 2 or 3: the field is one less, and left out for version 1 (RFC 5280, section 4.1.2.1). */
function versionOf({ raw }: X509Certificate): number {
  const [first] = partsOf(partsOf(decode(raw))[0]);
  const field = partsOf(first)[0];
  return field === undefined ? 1 : (contentOf(field)[0] ?? 0) + 1;
}

function algorithmOf({ raw }: X509Certificate): string {
  const identifier = readOid(partsOf(partsOf(decode(raw))[1])[0]);
  return algorithms[identifier] ?? identifier;
}

function publicKeyOf({ publicKey }: X509Certificate): string {
  const type = (publicKey.asymmetricKeyType ?? 'unknown').toUpperCase();
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const bits = modulusLength ?? /\d{3}/.exec(namedCurve ?? '')?.[0];
  return bits === undefined ? type : `${String(bits)} bit ${type}`;
}

/** `Nov 21 12:37:49 2026 GMT` -> `20261121123749Z`. */
function moment(date: string): string {
  return `${new Date(date).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
}

function decimal(hexadecimal: string): string {
  return String(BigInt(`0x${hexadecimal.replace('-', '')}`) * (hexadecimal.startsWith('-') ? -1n : 1n));
}

/** `DNS:a.example, IP Address:127.0.0.1` -> `['a.example', '127.0.0.1']`. */
function namesOf(text = ''): string[] {
  return [...text.matchAll(/(?:DNS|IP Address):([^\s,]+)/g)].map(([, name = '']) => name);
}

/** A certificate may hold anything, and a terminal obeys control characters. */
function printable(line: string): string {
  return line.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, '.');
}
