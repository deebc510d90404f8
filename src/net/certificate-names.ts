import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { OptionError } from '../errors.js';

/**
 * A name as certificates write it: an address without brackets and zone, or a domain name in ASCII,
 * in small letters and without the dot at its end. A wildcard is a name like any other.
 * @throws {OptionError} when it cannot stand in a certificate
 */
export function certificateName(text: string): string {
  const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (isIP(address) !== 0) return address.replace(/%.*$/, '').toLowerCase();
  const plain = plainName.test(text) ? text.toLowerCase() : ascii(text);
  const name = plain.endsWith('.') ? plain.slice(0, -1) : plain;
  if (name === '' || name.length > 255 || !plainName.test(name)) {
    throw new OptionError(`no certificate can be made for the name ${JSON.stringify(text)}`);
  }
  return name;
}

/** A name in other letters as the DNS has it; empty when it is none. */
function ascii(text: string): string {
  return /^[a-z0-9_.*\u0080-\uffff-]+$/i.test(text) ? domainToASCII(text) : '';
}

/** What is seen on real networks: underscores are, colons and spaces are not. */
const plainName = /^[a-z0-9_.*-]+$/i;

/**
 * The names under which a certificate for this host may be filed, the nearest first:
 * `a.b.example`, `*.b.example`, `*.example`, `*`.
 */
export function* wildcardsFor(name: string): Generator<string> {
  yield name;
  if (isIP(name) === 0) {
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) yield `*${name.slice(dot)}`;
  }
  yield '*';
}
