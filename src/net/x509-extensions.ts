/** The extensions of certificates (RFC 5280, 4.2) that this package writes, each as it stands in the list. */
import { isIP, isIPv6 } from 'node:net';
import {
  bits,
  booleanTrue,
  contentOf,
  decode,
  integer,
  objectIdentifier,
  octets,
  partsOf,
  sequence,
  tagged,
} from './der.js';
import type { Der } from './der.js';

/** One extension; `critical` ones must be understood by whoever reads the certificate. */
export function extension(identifier: string, value: Der, critical = false): Der {
  return sequence(objectIdentifier(identifier), ...(critical ? [booleanTrue()] : []), octets(value));
}

/** Marks an authority; `pathLength` bounds how many authorities may follow below it. */
export function authorityConstraints(pathLength?: number): Der {
  const bound = pathLength === undefined ? [] : [integer(pathLength)];
  return extension('2.5.29.19', sequence(booleanTrue(), ...bound), true);
}

/** What the key may be used for: for an authority, signing certificates and revocation lists. */
export function keyUsage(use: 'authority' | 'server'): Der {
  const usage = use === 'authority' ? bits(Buffer.of(0x06), 1) : bits(Buffer.of(0xa0), 5);
  return extension('2.5.29.15', usage, true);
}

/** For servers of TLS. */
export function serverAuthentication(): Der {
  return extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1')));
}

/** Names the key that the certificate is for. */
export function subjectKeyIdentifier(identifier: Uint8Array): Der {
  return extension('2.5.29.14', octets(identifier));
}

/** Names the key that signed. */
export function authorityKeyIdentifier(identifier: Uint8Array): Der {
  return extension('2.5.29.35', sequence(tagged(0, identifier)));
}

/** The names and addresses that the certificate is for. Critical when the subject is empty (RFC 5280, 4.2.1.6). */
export function subjectAlternativeNames(names: readonly string[], critical: boolean): Der {
  const general = names.map((name) =>
    isIP(name) === 0 ? tagged(2, Buffer.from(name, 'latin1')) : tagged(7, addressBytes(name)),
  );
  return extension('2.5.29.17', sequence(...general), critical);
}

/** Where the list of revoked certificates is said to be. */
export function revocationListAt(url: string): Der {
  const name = tagged(0, [tagged(0, [uniformResource(url)])]);
  return extension('2.5.29.31', sequence(sequence(name)));
}

/** Where one is said to be told whether the certificate is revoked (RFC 6960). */
export function statusAt(url: string): Der {
  const access = sequence(objectIdentifier('1.3.6.1.5.5.7.48.1'), uniformResource(url));
  return extension('1.3.6.1.5.5.7.1.1', sequence(access));
}

/** The innermost bytes of an extension whose value is one OCTET STRING, when the certificate has it. */
export function extensionValue(fields: readonly Der[], identifier: string): Buffer | undefined {
  const wanted = contentOf(objectIdentifier(identifier));
  const list = fields.find((field) => Number(field.tagClass) === 0x80 && Number(field.type) === 3);
  for (const one of partsOf(partsOf(list)[0])) {
    const parts = partsOf(one);
    if (contentOf(parts[0]).equals(wanted)) return contentOf(decode(contentOf(parts.at(-1))));
  }
  return undefined;
}

function uniformResource(url: string): Der {
  return tagged(6, Buffer.from(url, 'latin1'));
}

/** The 4 or 16 bytes of an address in network order. */
function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // A trailing IPv4 part is turned to hexadecimal, and a zone left out, by the URL parser and the pattern.
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const filled = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(filled.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
