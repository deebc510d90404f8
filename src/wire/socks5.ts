/** What both sides of SOCKS version 5 share (RFC 1928; user names and passwords: RFC 1929). */
import { OptionError } from '../errors.js';
import type { ByteQueue } from './byte-queue.js';
import { addressBytes, addressText } from './ip-address.js';

/** First byte of every message but those of RFC 1929. */
export const socksVersion = 5;
/** First byte of the messages of RFC 1929. */
export const credentialsVersion = 1;

/** Ways to authenticate (RFC 1928, section 3). */
export const socksMethods = { none: 0, credentials: 2, noneAcceptable: 0xff } as const;

/** What a client may ask for (RFC 1928, section 4). */
export const socksCommands = { connect: 1, bind: 2, 'udp-associate': 3 } as const;

/** A key of {@link socksCommands}. */
export type SocksCommand = keyof typeof socksCommands;

/** What a server may answer to a request, in the order of the codes, which begin at 0 (RFC 1928, section 6). */
export const socksReplies = [
  'succeeded',
  'general SOCKS server failure',
  'connection not allowed by ruleset',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'TTL expired',
  'command not supported',
  'address type not supported',
] as const;

/** A text of {@link socksReplies}. */
export type SocksReply = (typeof socksReplies)[number];

/** A host and a port. */
export interface SocksAddress {
  /** A name, or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A user name and a password, each of 1 to 255 bytes in UTF-8. */
export interface SocksCredentials {
  readonly username: string;
  readonly password: string;
}

const addressTypes = { ipv4: 1, name: 3, ipv6: 4 } as const;

/**
 * Type, address and port, as requests and replies carry them. A name stays one: the other side looks it up.
 * @throws {OptionError} for a name of more than 255 bytes
 */
export function encodeSocksAddress({ host, port }: SocksAddress): Buffer {
  const end = Buffer.from([port >> 8, port & 0xff]);
  const address = addressBytes(host);
  if (address !== undefined) {
    const type = address.length === 4 ? addressTypes.ipv4 : addressTypes.ipv6;
    return Buffer.concat([Buffer.from([type]), address, end]);
  }
  return Buffer.concat([Buffer.from([addressTypes.name]), socksText(host, 'host name'), end]);
}

/**
 * A text behind its length in one byte.
 * @throws {OptionError} when it has more than 255 bytes
 */
export function socksText(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 255) throw new OptionError(`the ${what} has more than 255 bytes, which SOCKS cannot carry`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** What stands at an offset of a queue. */
export type SocksAddressRead =
  | { readonly address: SocksAddress; readonly end: number }
  | 'unknown type'
  /** Not all of it is there. */
  | undefined;

/** Reads what {@link encodeSocksAddress} writes, and takes nothing out of the queue. */
export function readSocksAddress(queue: ByteQueue, at: number): SocksAddressRead {
  if (queue.length < at + 2) return undefined;
  const type = queue.at(at);
  const isName = type === addressTypes.name;
  if (!isName && type !== addressTypes.ipv4 && type !== addressTypes.ipv6) return 'unknown type';
  const begin = at + (isName ? 2 : 1);
  const length = isName ? queue.at(at + 1) : type === addressTypes.ipv4 ? 4 : 16;
  const end = begin + length + 2;
  if (queue.length < end) return undefined;
  const bytes = queue.peek().subarray(begin, begin + length);
  const host = isName ? bytes.toString('utf8') : addressText(bytes);
  return { address: { host, port: (queue.at(end - 2) << 8) | queue.at(end - 1) }, end };
}
