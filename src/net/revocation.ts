/** How an authority says that one of its certificates is revoked: by a list, or by an answer to OCSP. */
import { createHash } from 'node:crypto';
import {
  encode,
  enumerated,
  generalizedTime,
  integer,
  nothing,
  objectIdentifier,
  octets,
  pem,
  sequence,
  tagged,
  time,
} from './der.js';
import type { Der } from './der.js';
import { keyIdentifier, signed } from './x509.js';
import type { Signer } from './x509.js';
import { authorityKeyIdentifier, extension } from './x509-extensions.js';

/** The reason given, as most others would be: somebody else has the key (RFC 5280, 5.3.1). */
const keyCompromise = enumerated(1);

/** A certificate that is revoked, and when. */
export interface Revocation {
  /** The bytes of its serial number. */
  readonly serial: Uint8Array;
  readonly since: Date;
  /** Until when this is to be taken for the newest word. */
  readonly until: Date;
}

/** A revocation list (RFC 5280, 5) with one certificate on it, as PEM: for `openssl verify -crl_check`, `curl --crlfile`. */
export function revocationList({ serial, since, until }: Revocation, signer: Signer): string {
  const reason = extension('2.5.29.21', keyCompromise);
  const der = signed(signer, (algorithm) => [
    integer(1),
    algorithm,
    signer.name,
    time(since),
    time(until),
    sequence(sequence(integer(serial), time(since), sequence(reason))),
    tagged(0, [sequence(authorityKeyIdentifier(signer.keyIdentifier), extension('2.5.29.20', integer(1)))]),
  ]);
  return pem('X509 CRL', der);
}

/**
 * The answer "revoked" of an OCSP responder (RFC 6960, 4.2), as DER: for a server to staple, which
 * Node does in its event `OCSPRequest`.
 */
export function revokedStatus({ serial, since, until }: Revocation, signer: Signer): Buffer {
  const answer = sequence(
    certificateIdentifier(serial, signer),
    tagged(1, [generalizedTime(since), tagged(0, [keyCompromise])]),
    generalizedTime(since),
    tagged(0, [generalizedTime(until)]),
  );
  const basic = signed(signer, () => [
    tagged(2, [octets(keyIdentifier(signer.key))]),
    generalizedTime(since),
    sequence(answer),
  ]);
  const typed = sequence(objectIdentifier('1.3.6.1.5.5.7.48.1.1'), octets(basic));
  return encode(sequence(enumerated(0), tagged(0, [typed])));
}

/** The certificate that is meant, by hashes of its issuer's name and key: SHA-1, as every client asks. */
function certificateIdentifier(serial: Uint8Array, signer: Signer): Der {
  const nameHash = createHash('sha1').update(encode(signer.name)).digest();
  return sequence(
    sequence(objectIdentifier('1.3.14.3.2.26'), nothing()),
    octets(nameHash),
    octets(keyIdentifier(signer.key)),
    integer(serial),
  );
}
