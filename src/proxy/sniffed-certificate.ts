/** What is taken from the certificate of a server for the one that its clients are shown. */
import { X509Certificate } from 'node:crypto';
import { OptionError } from '../errors.js';
import type { CertificateRequest } from '../net/certificate-maker.js';
import { certificateName } from '../net/certificate-names.js';

/** Names of a certificate, as far as they can stand in another one. */
interface SniffedNames {
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  /** Names and addresses, the common name first. */
  readonly names: readonly string[];
}

const nobody: SniffedNames = { commonName: undefined, organization: undefined, names: [] };

/** Certificates whose names are remembered. */
const kept = 200;

/** Asks for certificates that look like those of servers. */
export class CertificateSniffer {
  private readonly known = new Map<string, SniffedNames>();

  /**
   * The certificate to be made: with the names of the server's own certificate, and then the name that the client
   * asked for. That is the order in which mitmproxy has them.
   * @param upstream the server's certificate, as PEM
   * @param host what the client believes to speak with
   * @param address where it has connected to, when it may believe to speak with that
   */
  request(upstream: Buffer | undefined, host: string, address?: string): CertificateRequest {
    const { commonName, organization, names } = upstream === undefined ? nobody : this.namesOf(upstream);
    const [first = 'invalid', ...more] = new Set([...names, ...valid(host), ...valid(address)]);
    if (commonName === undefined && organization === undefined && more.length === 0) return { host: first };
    return { host: first, names: more, commonName, organization };
  }

  private namesOf(pem: Buffer): SniffedNames {
    const key = pem.toString('latin1');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const names = readNames(pem);
    if (this.known.size >= kept) this.known.clear();
    this.known.set(key, names);
    return names;
  }
}

function readNames(pem: Buffer): SniffedNames {
  try {
    const certificate = new X509Certificate(pem);
    const { subject } = certificate.toLegacyObject();
    const commonName = first(subject.CN);
    return {
      commonName,
      organization: first(subject.O),
      names: [...valid(commonName), ...alternativeNames(certificate).flatMap(valid)],
    };
  } catch {
    // A server may send whatever it likes, and clients that do not mind are to be served.
    return nobody;
  }
}

/** Node gives a list where a name has a part twice. */
function first(part: string | string[] | undefined): string | undefined {
  const one = Array.isArray(part) ? part[0] : part;
  return one === '' ? undefined : one;
}

/** `DNS:a.example, IP Address:127.0.0.1`; of other kinds, and quoted where they would be ambiguous, none is taken. */
function alternativeNames({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):([^\s,"]+)/g)].map(([, name = '']) => name);
}

/** A name, unless it can stand in no certificate. */
function valid(name: string | undefined): string[] {
  try {
    return name === undefined ? [] : [certificateName(name)];
  } catch (error) {
    if (error instanceof OptionError) return [];
    throw error;
  }
}
