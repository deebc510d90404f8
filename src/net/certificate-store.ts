import { openAuthority } from './authority.js';
import type { Authority } from './authority.js';
import type { Certificate } from './certificate.js';
import { CertificateMaker } from './certificate-maker.js';
import type { CertificateRequest, LeafKeyType } from './certificate-maker.js';
import { certificateName, wildcardsFor } from './certificate-names.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { parseOwnCertificate, readOwnCertificate } from './own-certificate.js';
import type { OwnCertificate } from './own-certificate.js';

/** Where certificates come from. */
export interface CertificateStoreOptions {
  /** The configuration directory with the authority; `~/.mitmproxy` when absent. */
  readonly directory?: string | undefined;
  /** Used in the place of the directory's. */
  readonly authority?: Authority | undefined;
  /** Certificates of the user's, each `[domain=]path`. */
  readonly own?: readonly string[] | undefined;
  /** For private keys that are encrypted, the authority's and the user's. */
  readonly passphrase?: string | undefined;
  readonly keyType?: LeafKeyType | undefined;
  /** Made certificates that are kept; 1000 when absent. */
  readonly kept?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Kept certificates are made anew after this time, long before they expire. */
const keepFor = 300 * 24 * 60 * 60 * 1000;

/**
 * Opens the authority, making it when there is none, and reads the user's certificates.
 * @throws {OptionError} when one of them cannot be used
 */
export async function openCertificateStore(options: CertificateStoreOptions = {}): Promise<CertificateStore> {
  const { directory, own = [], passphrase, keyType, kept, clock = systemClock } = options;
  const specs = own.map(parseOwnCertificate);
  const read = [];
  for (const spec of specs) read.push(await readOwnCertificate(spec, { now: clock.now(), passphrase }));
  const authority = options.authority ?? (await openAuthority(directory, { passphrase, clock }));
  return new CertificateStore(await CertificateMaker.create(authority, { keyType, clock }), read, kept, clock);
}

/** The certificate for each host: the user's, one made before, or a new one. */
export class CertificateStore {
  private readonly owned = new Map<string, Certificate>();
  private readonly made = new Map<string, { readonly certificate: Certificate; readonly until: number }>();
  /** Lines to show at the start: certificates that have expired or are not valid yet, and files that want care. */
  readonly notices: readonly string[];

  constructor(
    private readonly maker: CertificateMaker,
    own: readonly OwnCertificate[] = [],
    private readonly kept = 1000,
    private readonly clock: Clock = systemClock,
  ) {
    // A domain that was asked for goes before the names that a certificate happens to have.
    for (const { certificate, names } of own) {
      for (const name of names) this.owned.set(name, certificate);
    }
    for (const { certificate, domain } of own) this.owned.set(domain, certificate);
    const ended = [maker.authority, ...own].flatMap(({ notice }) => notice ?? []);
    this.notices = [
      ...ended.map((notice) => `${notice}; it is shown to clients nevertheless`),
      ...maker.authority.fileNotices,
    ];
  }

  get authority(): Authority {
    return this.maker.authority;
  }

  /** Made certificates that are kept now. */
  get size(): number {
    return this.made.size;
  }

  /**
   * The certificate for a request. A fault that is asked for always gets a made one.
   * @throws {OptionError} for a name that cannot stand in a certificate
   */
  get(request: CertificateRequest): Certificate {
    if (request.fault === undefined) {
      const own = this.own(request.host);
      if (own !== undefined) return own;
    }
    const key = keyOf(request);
    const found = this.made.get(key);
    this.made.delete(key);
    const now = this.clock.now();
    const entry =
      found !== undefined && found.until > now
        ? found
        : { certificate: this.maker.make(request), until: now + keepFor };
    this.made.set(key, entry);
    if (this.made.size > this.kept) this.forgetOldest();
    return entry.certificate;
  }

  /**
   * The user's certificate for a host, if there is one.
   * @throws {OptionError} for a name that cannot stand in a certificate
   */
  own(host: string): Certificate | undefined {
    if (this.owned.size === 0) return undefined;
    for (const name of wildcardsFor(certificateName(host))) {
      const own = this.owned.get(name);
      if (own !== undefined) return own;
    }
    return undefined;
  }

  private forgetOldest(): void {
    for (const key of this.made.keys()) {
      this.made.delete(key);
      return;
    }
  }
}

/** The host alone is the usual request, and its own key: no host looks like the JSON of the others. */
function keyOf({ host, names, commonName, organization, fault }: CertificateRequest): string {
  if (names === undefined && commonName === undefined && organization === undefined && fault === undefined) return host;
  return JSON.stringify([host, names, commonName, organization, fault]);
}
