/** The addons that every proxy has. */
import type { Addon } from '../hooks/addon.js';
import type { ProxyTls } from '../proxy-tls.js';
import { Block } from './block.js';
import { HostListCheck } from './host-list-check.js';
import { Onboarding } from './onboarding.js';
import { ProxyAuth } from './proxy-auth.js';
import { TlsOptionCheck } from './tls-option-check.js';
import { UpstreamAuth } from './upstream-auth.js';

/**
 * New instances of them, in the order in which they see the traffic.
 * @param tls gives the authority when it is first asked for
 */
export function builtInAddons(tls: () => Promise<Pick<ProxyTls, 'ca'>>): readonly Addon[] {
  // Credentials are asked for after the page was served: that, too, is for those who may use the proxy.
  return [
    new Block(),
    new Onboarding(tls),
    new ProxyAuth(),
    new HostListCheck(),
    new TlsOptionCheck(),
    new UpstreamAuth(),
  ];
}
