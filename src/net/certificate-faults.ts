/**
 * Certificates that a client must refuse, each wrong in one way only, so that it is clear what a
 * client that accepts one does not look at.
 */
import { generateKeyPairSync } from 'node:crypto';
import { temporaryAuthority } from './authority.js';
import type { Authority } from './authority.js';
import { certificateKey } from './certificate.js';
import type { CertificateKey, RevocationProof } from './certificate.js';
import type { Clock } from './clock.js';
import type { Der } from './der.js';
import { revocationList, revokedStatus } from './revocation.js';
import { distinguishedName, keyIdentifier, signCertificate } from './x509.js';
import type { Signer } from './x509.js';
import {
  authorityConstraints,
  authorityKeyIdentifier,
  keyUsage,
  revocationListAt,
  statusAt,
  subjectKeyIdentifier,
} from './x509-extensions.js';

const day = 24 * 60 * 60 * 1000;

/** What is about to be signed. */
export interface CertificateDraft {
  readonly names: readonly string[];
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: CertificateKey;
  /** Undefined for a certificate that signs itself. */
  readonly signer: Signer | undefined;
  readonly chain: readonly string[];
  readonly extensions?: readonly Der[];
  readonly withheld?: readonly string[];
  readonly ciphers?: string;
  readonly revocation?: (serial: Uint8Array) => RevocationProof;
}

interface Fault {
  /** What the certificate does wrong, for lists of options. */
  readonly help: string;
  readonly alter: (draft: CertificateDraft, workshop: FaultWorkshop) => Partial<CertificateDraft>;
}

/** Every way in which a certificate can be made wrong, by the name that options and specs use. */
export const certificateFaults = {
  expired: {
    help: 'its validity ended yesterday',
    alter: (_, { now }) => ({ notBefore: now - 366 * day, notAfter: now - day }),
  },
  'not-yet-valid': {
    help: 'its validity begins in a year',
    alter: (_, { now }) => ({ notBefore: now + 365 * day, notAfter: now + 730 * day }),
  },
  'wrong-host': {
    help: 'it is for the name wrong-host.invalid and no other',
    alter: () => ({ names: ['wrong-host.invalid'], commonName: 'wrong-host.invalid' }),
  },
  'self-signed': {
    help: 'it is signed by its own key, by no authority',
    alter: () => ({ signer: undefined, chain: [] }),
  },
  'untrusted-authority': {
    help: 'it is signed by an authority that exists only in this process',
    alter: (_, workshop) => ({ signer: workshop.untrusted.signer, chain: workshop.untrusted.chain }),
  },
  'weak-key': {
    help: 'its key is RSA with 1024 bits, which OpenSSL refuses at security level 2',
    // OpenSSL holds servers to their security level as well: level 0 lets any key pass.
    alter: (_, workshop) => ({ key: workshop.weakKey, ciphers: 'DEFAULT@SECLEVEL=0' }),
  },
  'missing-intermediate': {
    help: 'it is signed by an intermediate authority whose certificate is not sent',
    alter: (_, { intermediate }) => ({ signer: intermediate.signer, chain: [], withheld: [intermediate.pem] }),
  },
  revoked: {
    help: 'its authority has revoked it; the list and the OCSP responder that it names are not there',
    alter: (draft, { authority, now }) => ({
      // A root is not sent as a rule, but OpenSSL's clients look among what was sent for who answers OCSP.
      chain: draft.chain.length > 0 ? draft.chain : [authority.pem],
      extensions: [revocationListAt('http://crl.invalid/revoked.crl'), statusAt('http://ocsp.invalid/')],
      revocation: (serial) => {
        const revocation = { serial, since: new Date(now - day), until: new Date(draft.notAfter) };
        return {
          list: revocationList(revocation, authority.signer),
          status: revokedStatus(revocation, authority.signer),
        };
      },
    }),
  },
} as const satisfies Record<string, Fault>;

/** A key of {@link certificateFaults}. */
export type CertificateFault = keyof typeof certificateFaults;

/** Whether a text names a fault. */
export function isCertificateFault(name: string): name is CertificateFault {
  return Object.hasOwn(certificateFaults, name);
}

/** What faults need beyond a draft. Each part is made when it is first asked for, and costs an RSA key then. */
export class FaultWorkshop {
  private madeUntrusted: Authority | undefined;
  private madeIntermediate: { signer: Signer; pem: string } | undefined;
  private madeWeakKey: CertificateKey | undefined;

  constructor(
    readonly authority: Authority,
    private readonly clock: Clock,
  ) {}

  /** Milliseconds since 1970. */
  get now(): number {
    return this.clock.now();
  }

  /** An authority that nobody can trust, since no file holds it. */
  get untrusted(): Authority {
    return (this.madeUntrusted ??= temporaryAuthority(rsaKey(2048).key, 'untrusted', this.clock));
  }

  get weakKey(): CertificateKey {
    return (this.madeWeakKey ??= rsaKey(1024));
  }

  /** An authority below the real one. */
  get intermediate(): { readonly signer: Signer; readonly pem: string } {
    return (this.madeIntermediate ??= this.makeIntermediate());
  }

  private makeIntermediate(): { signer: Signer; pem: string } {
    const { key } = rsaKey(2048);
    const signer: Signer = {
      name: distinguishedName('mitmproxy intermediate', 'mitmproxy'),
      key,
      keyIdentifier: keyIdentifier(key),
    };
    const { pem } = signCertificate(
      {
        subject: signer.name,
        publicKey: key,
        notBefore: new Date(this.now - 2 * day),
        notAfter: new Date(this.now + 3650 * day),
        extensions: [
          authorityConstraints(0),
          keyUsage('authority'),
          subjectKeyIdentifier(signer.keyIdentifier),
          authorityKeyIdentifier(this.authority.signer.keyIdentifier),
        ],
      },
      this.authority.signer,
    );
    return { signer, pem };
  }
}

function rsaKey(bits: number): CertificateKey {
  return certificateKey(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey);
}
