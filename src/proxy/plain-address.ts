import { addressBytes, addressText } from '../wire/ip-address.js';
import type { Address } from './flow/connection.js';

/** Leads an IPv4 address within IPv6. */
const mapped = Buffer.from('00000000000000000000ffff', 'hex');

/**
 * An address as sockets and protocols tell it. An IPv4 address in IPv6 (RFC 4291, section 2.5.5.2), as a socket of
 * both families has it, is written as IPv4.
 */
export function plainAddress(host = '', port = 0): Address {
  if (!/:ffff:/i.test(host)) return [host, port];
  const bytes = addressBytes(host);
  const isMapped = bytes?.subarray(0, mapped.length).equals(mapped) === true;
  return [isMapped ? addressText(bytes.subarray(mapped.length)) : host, port];
}
