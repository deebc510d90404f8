/** Every way in which a TLS server can be wrong, by name: in its certificate or in its handshake. */
import { OptionError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import { certificateFaults, isCertificateFault } from './certificate-faults.js';
import type { CertificateFault } from './certificate-faults.js';
import { handshakeFaults } from './handshake-faults.js';
import type { HandshakeFault } from './handshake-faults.js';

/** A fault that was asked for; neither part when nothing is to be wrong. */
export interface TlsFault {
  readonly name: string;
  readonly certificate?: CertificateFault;
  readonly handshake?: HandshakeFault;
}

/** The name for names that another rule makes wrong, and that are to be served as they should be. */
const none = 'none';

/** All names, each with a line of help, in the order in which they are listed. */
export const tlsFaultList: readonly { readonly name: string; readonly help: string }[] = [
  ...Object.entries(certificateFaults).map(([name, { help }]) => ({ name, help: `certificate: ${help}` })),
  ...Object.entries(handshakeFaults).map(([name, { help }]) => ({ name, help: `handshake: ${help}` })),
  { name: none, help: 'nothing is wrong' },
];

/**
 * The fault of a name.
 * @throws {OptionError} for a name that is not known; it suggests one that is
 */
export function readTlsFault(name: string): TlsFault {
  const handshake = Object.hasOwn(handshakeFaults, name) ? handshakeFaults[name] : undefined;
  if (handshake !== undefined) return { name, handshake };
  if (isCertificateFault(name)) return { name, certificate: name };
  if (name === none) return { name };
  const near = nearest(
    name,
    tlsFaultList.map((fault) => fault.name),
  );
  const hint = near === undefined ? 'pathod --faults lists them' : `did you mean ${near}?`;
  throw new OptionError(`no TLS fault is called ${JSON.stringify(name)} (${hint})`);
}
