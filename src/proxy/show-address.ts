import { formatAddress } from '../net/format-address.js';
import type { Address } from './flow/connection.js';
import { plainAddress } from './plain-address.js';

/** An address for people: `127.0.0.1:80`, `[::1]:80`. An IPv4 address in IPv6 is shown as what it is. */
export function showAddress(address: Address | undefined): string {
  return address === undefined ? '<no address>' : formatAddress(...plainAddress(...address));
}
