import { X509Certificate } from 'node:crypto';

/** What a corpus says about a certificate. */
export function certificateFacts(pem: Buffer): unknown {
  const certificate = new X509Certificate(pem);
  const subject = namesOf(certificate.subject);
  const { publicKey } = certificate;
  const details = publicKey.asymmetricKeyDetails;
  return {
    cn: valueOf(subject, 'CN'),
    organization: valueOf(subject, 'O'),
    altnames: (certificate.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .map((name) => name.slice(name.indexOf(':') + 1)),
    serial: BigInt(`0x${certificate.serialNumber}`).toString(),
    keyinfo: [(publicKey.asymmetricKeyType ?? '').toUpperCase(), details?.modulusLength],
    notbefore: timeOf(certificate.validFrom),
    notafter: timeOf(certificate.validTo),
    fingerprint_sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    issuer: namesOf(certificate.issuer),
    subject,
  };
}

function namesOf(text: string): [string, string][] {
  return text.split('\n').map((line) => {
    const equals = line.indexOf('=');
    return [line.slice(0, equals), line.slice(equals + 1)];
  });
}

function valueOf(names: readonly (readonly [string, string])[], key: string): string | null {
  return names.find(([name]) => name === key)?.[1] ?? null;
}

function timeOf(text: string): string {
  return new Date(text).toISOString().replace('.000Z', '+00:00');
}
