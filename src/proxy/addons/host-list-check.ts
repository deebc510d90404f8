import type { Addon, AddonContext } from '../hooks/addon.js';
import { HostLists } from '../host-lists.js';

const keys = ['ignoreHosts', 'allowHosts', 'tcpHosts'];

/** Refuses patterns of `ignore_hosts`, `allow_hosts` and `tcp_hosts` that cannot be used. The core reads the lists. */
export class HostListCheck implements Addon {
  readonly name = 'next_layer';

  configure(updated: ReadonlySet<string>, { options }: AddonContext): void {
    if (keys.some((key) => updated.has(key))) new HostLists(options);
  }
}
