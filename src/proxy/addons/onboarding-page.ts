import { X509Certificate } from 'node:crypto';
import { platforms } from './onboarding-platforms.js';
import type { CertificateForm, Platform } from './onboarding-platforms.js';

/** What the page shows of the authority. */
export interface OnboardingFacts {
  /** The authority's certificate, in PEM. */
  readonly ca: string;
}

const style = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
summary { font-weight: 600; padding: .75rem 0; cursor: pointer; }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; }
code { background: var(--soft); }
.get { display: inline-block; margin: 0 .5rem .5rem 0; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .4rem; }
`;

const formNames: Readonly<Record<CertificateForm, string>> = { pem: 'PEM', cer: 'CER', p12: 'PKCS#12' };

/** The page from which the certificate is installed: one HTML document without anything that must be loaded. */
export function onboardingPage({ ca }: OnboardingFacts): string {
  const { fingerprint256, subject, validTo } = new X509Certificate(ca);
  const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? subject;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Install the proxy's certificate</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>Install the proxy's certificate</h1>
<p>You see this page, so your traffic goes through the proxy. To read what is encrypted, it shows certificates of its
own, which this device does not trust until the certificate of their authority is installed.</p>
${platforms.map((platform) => section(platform, name)).join('\n')}
<h2>The certificate</h2>
<p>${links(['pem', 'cer', 'p12'])}</p>
<p>Name: ${escape(name)}<br>Valid until: ${escape(validTo)}<br>SHA-256: <code>${fingerprint256}</code></p>
<p>Whoever has the private key of this authority can read and change what a device sends that trusts it. The proxy gives
the key to nobody. Remove the certificate when you do not need it any more.</p>
</body>
</html>
`;
}

function section({ title, steps, forms }: Platform, name: string): string {
  return `<details>
<summary>${title}</summary>
<p>${links(forms)}</p>
${steps.map((step) => (typeof step === 'string' ? `<p>${prose(step.replace('{name}', name))}</p>` : `<pre>${escape(step.commands)}</pre>`)).join('\n')}
</details>`;
}

function links(forms: readonly CertificateForm[]): string {
  return forms.map((form) => `<a class="get" href="/cert/${form}">Download ${formNames[form]}</a>`).join('');
}

function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
}
