import { BlockList, isIP } from 'node:net';
import type { ClientConnection } from '../flow/connection.js';
import type { Addon, AddonContext } from '../hooks/addon.js';

/** Networks as `ADDRESS/BITS`; an IPv4 network stands for its addresses in IPv6, too (RFC 4291, section 2.5.5.2). */
function networks(...list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const network of list) {
    const [address = '', bits] = network.split('/');
    found.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return found;
}

const loopback = networks('127.0.0.0/8', '::1/128');

/** Networks that are of no public use (IANA's registries of special-purpose addresses, RFC 6890). */
const notPublic = networks(
  ...['0.0.0.0/8', '10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
  ...['::/128', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', 'fc00::/7', 'fe80::/10'],
);

/** Addresses between a provider and its customers (RFC 6598): neither private nor public. */
const shared = networks('100.64.0.0/10');

/** Turns clients away by their address: the options `block_global` and `block_private`. Loopback is always let in. */
export class Block implements Addon {
  readonly name = 'block';

  isIdle({ options }: AddonContext): boolean {
    return !options.blockGlobal && !options.blockPrivate;
  }

  clientConnected(client: ClientConnection, { options }: AddonContext): void {
    // A zone is part of no address (RFC 4007, section 11).
    const address = client.peername?.[0].replace(/%.*$/s, '') ?? '';
    const family = isIP(address);
    if (family === 0) return;
    const isIn = (list: BlockList): boolean => list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    if (isIn(loopback)) return;
    const isPrivate = isIn(notPublic);
    if (options.blockPrivate && isPrivate) client.error = 'Connection killed by block_private.';
    else if (options.blockGlobal && !isPrivate && !isIn(shared)) client.error = 'Connection killed by block_global.';
  }
}
