/** What makes programs use a proxy and trust its certificates. */
import type { ProxyMode } from './mode.js';

/** Variables that name a proxy, in both spellings: some programs know only one of them. */
const proxyVariables = ['http_proxy', 'https_proxy', 'all_proxy'];

/** Variables that name a file of certificates to trust: OpenSSL, curl, Python's requests, Node.js, Git, Deno. */
const trustVariables = [
  ...['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'],
  ...['GIT_SSL_CAINFO', 'DENO_CERT'],
];

/**
 * Environment variables for a child process.
 * @param url of the proxy; it is left out for modes that clients do not know of
 * @param certificateFile the authority's certificate
 */
export function clientEnvironment(mode: ProxyMode, url: string, certificateFile: string): Record<string, string> {
  const trust = trustVariables.map((name): [string, string] => [name, certificateFile]);
  if (mode.type === 'reverse' || mode.type === 'transparent') return Object.fromEntries(trust);
  const proxies = proxyVariables.flatMap((name): [string, string][] => [
    [name, url],
    [name.toUpperCase(), url],
  ]);
  return {
    ...Object.fromEntries([...proxies, ...trust]),
    // Otherwise many programs leave the proxy aside for the loopback address.
    no_proxy: '',
    NO_PROXY: '',
    NODE_USE_ENV_PROXY: '1',
  };
}
