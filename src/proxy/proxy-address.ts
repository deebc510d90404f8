import { formatAddress } from '../net/format-address.js';
import type { ProxyMode } from './mode.js';
import { reachableHost } from './reachable-host.js';
import type { ProxyListener } from './proxy-listeners.js';

/** A port of the proxy. */
export interface ProxyAddress {
  /** As it was written: `reverse:https://example.com`. */
  readonly mode: string;
  readonly host: string;
  readonly port: number;
  /** What a client is given: `http://127.0.0.1:8080`, `socks5://127.0.0.1:1080`. */
  readonly url: string;
}

/** What clients are told of a port. */
export function proxyAddress({ mode, listener: { address: host, port } }: ProxyListener): ProxyAddress {
  return { mode: mode.text, host, port, url: `${schemeOf(mode)}://${formatAddress(reachableHost(host), port)}` };
}

/** What a client speaks with a port; either of plain text and TLS will do for `http` and `tcp`. */
function schemeOf(mode: ProxyMode): string {
  if (mode.type === 'socks5') return 'socks5';
  return mode.type === 'reverse' && (mode.scheme === 'tcp' || mode.scheme === 'tls') ? 'tcp' : 'http';
}
