import { formatAddress } from '../net/format-address.js';
import type { Address, ServerConnection } from './flow/connection.js';
import { plainAddress } from './plain-address.js';

/** An address for people: `127.0.0.1:80`, `[::1]:80`. An IPv4 address in IPv6 is shown as what it is. */
export function showAddress(address: Address | undefined): string {
  return address === undefined ? '<no address>' : formatAddress(...plainAddress(...address));
}

/** A server, or the proxy on the way to it, for people; with the address that its name has led to: `localhost:80 (127.0.0.1:80)`. */
export function showServer({ address, via, peername }: ServerConnection): string {
  const asked = showAddress(via?.[1] ?? address);
  const found = showAddress(peername);
  return peername === undefined || found === asked ? asked : `${asked} (${found})`;
}
