/** Where a client on this machine finds what listens on an address, which may be that of every interface. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
