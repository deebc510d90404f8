import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Authority } from './authority.js';
import { Certificate, certificateKey } from './certificate.js';
import type { CertificateKey } from './certificate.js';
import { certificateFaults, FaultWorkshop } from './certificate-faults.js';
import type { CertificateDraft, CertificateFault } from './certificate-faults.js';
import { certificateName } from './certificate-names.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { distinguishedName, keyIdentifier, signCertificate } from './x509.js';
import {
  authorityKeyIdentifier,
  keyUsage,
  serverAuthentication,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from './x509-extensions.js';

const day = 24 * 60 * 60 * 1000;

/** The kinds of keys that made certificates can have. RSA is what every client takes; P-256 is faster. */
export type LeafKeyType = 'rsa-2048' | 'p-256';

/** Which certificate is wanted. */
export interface CertificateRequest {
  /** The name, address or wildcard that the client asks for. */
  readonly host: string;
  /** Further names and addresses. */
  readonly names?: readonly string[] | undefined;
  /** The common name of the subject; the host when absent. It is not what clients compare any more. */
  readonly commonName?: string | undefined;
  readonly organization?: string | undefined;
  /** What is to be wrong with it. */
  readonly fault?: CertificateFault | undefined;
}

/** How certificates are made. */
export interface CertificateMakerOptions {
  readonly keyType?: LeafKeyType | undefined;
  readonly clock?: Clock | undefined;
}

/** Makes certificates on the fly. They share one private key, which lives as long as the process. */
export class CertificateMaker {
  private readonly workshop: FaultWorkshop;

  /** A maker with a key of its own. Making the key takes a tenth of a second for RSA, on another thread. */
  static async create(
    authority: Authority,
    { keyType = 'rsa-2048', clock = systemClock }: CertificateMakerOptions = {},
  ): Promise<CertificateMaker> {
    return new CertificateMaker(authority, await newKey(keyType), clock);
  }

  constructor(
    readonly authority: Authority,
    private readonly key: CertificateKey,
    private readonly clock: Clock = systemClock,
  ) {
    this.workshop = new FaultWorkshop(authority, clock);
  }

  /**
   * Makes a certificate, valid from two days ago for another year, as mitmproxy's.
   * @throws {OptionError} for a name that cannot stand in a certificate
   */
  make(request: CertificateRequest): Certificate {
    const draft = this.draft(request);
    if (request.fault === undefined) return sign(draft);
    return sign({ ...draft, ...certificateFaults[request.fault].alter(draft, this.workshop) });
  }

  private draft({ host, names = [], commonName, organization }: CertificateRequest): CertificateDraft {
    const now = this.clock.now();
    const all = [...new Set([host, ...names].map(certificateName))];
    return {
      names: all,
      commonName: commonName ?? all[0],
      organization,
      notBefore: now - 2 * day,
      notAfter: now + 365 * day,
      key: this.key,
      signer: this.authority.signer,
      chain: this.authority.chain,
    };
  }
}

/** A common name may have 64 characters (RFC 5280, appendix A): a longer one stands among the other names only. */
const longestCommonName = 64;

function sign(draft: CertificateDraft): Certificate {
  const { key } = draft.key;
  const commonName = (draft.commonName?.length ?? 0) > longestCommonName ? undefined : draft.commonName;
  const subject = distinguishedName(commonName, draft.organization);
  const identifier = keyIdentifier(key);
  const signer = draft.signer ?? { name: subject, key, keyIdentifier: identifier };
  const isEmpty = commonName === undefined && draft.organization === undefined;
  const { pem, serial } = signCertificate(
    {
      subject,
      publicKey: key,
      notBefore: new Date(draft.notBefore),
      notAfter: new Date(draft.notAfter),
      extensions: [
        keyUsage('server'),
        serverAuthentication(),
        subjectAlternativeNames(draft.names, isEmpty),
        subjectKeyIdentifier(identifier),
        authorityKeyIdentifier(signer.keyIdentifier),
        ...(draft.extensions ?? []),
      ],
    },
    signer,
  );
  const { revocation } = draft;
  return new Certificate({
    ...draft,
    pem,
    revocation: revocation && (() => revocation(serial)),
  });
}

async function newKey(type: LeafKeyType): Promise<CertificateKey> {
  const { privateKey } =
    type === 'p-256'
      ? await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
      : await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return certificateKey(privateKey);
}
