import { X509Certificate } from 'node:crypto';

/** What the page shows of the authority. */
export interface OnboardingFacts {
  /** The authority's certificate, in PEM. */
  readonly ca: string;
  /** Whether the certificate is served as PKCS#12, too. */
  readonly hasPkcs12: boolean;
}

/** The page from which the certificate is installed: one HTML document without anything that must be loaded. */
export function onboardingPage({ ca, hasPkcs12 }: OnboardingFacts): string {
  return `<!doctype html>
<title>certificate</title><a href="/cert/pem">PEM</a>${hasPkcs12 ? '<a href="/cert/p12">PKCS#12</a>' : ''}
${new X509Certificate(ca).fingerprint256}`;
}
