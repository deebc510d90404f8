/**
 * Where a connection was going before the system's packet filter sent it here (iptables REDIRECT).
 *
 * Linux tells by `getsockopt`, for which Node has no function. The package koffi calls it, when it is installed.
 */
import { isIPv4 } from 'node:net';
import type { Socket } from 'node:net';
import { constants, endianness } from 'node:os';
import { ConnectionError, isError, OptionError } from '../errors.js';
import { addressText } from '../wire/ip-address.js';
import { formatAddress } from './format-address.js';
import { systemReason } from './system-error.js';

/** `SO_ORIGINAL_DST` of linux/netfilter_ipv4.h; `IP6T_SO_ORIGINAL_DST` is the same number. */
const originalDestination = 80;
/** `IPPROTO_IP` and `IPPROTO_IPV6`: the levels of the option. */
const levels = { ipv4: 0, ipv6: 41 } as const;

/** What stands in a `sockaddr_in6`; a `sockaddr_in` is shorter. */
const longestAddress = 28;

type GetSockOpt = (fd: number, level: number, name: number, value: Buffer, length: Buffer) => number;

/** What is used of koffi. */
interface Koffi {
  load(path: null): { func(prototype: string): unknown };
  errno(): number;
}

/** A host and a port. */
export interface OriginalDestination {
  readonly host: string;
  readonly port: number;
}

/** Tells where a connection was going before it was redirected here. */
export type OriginalDestinationOf = (socket: Socket) => OriginalDestination;

/**
 * Makes the function that tells the original destination of a socket. It throws a ConnectionError for a connection
 * that was not redirected.
 * @throws {OptionError} when this system has no such thing, or koffi is not installed
 */
export async function originalDestinations(
  platform: string = process.platform,
  importKoffi: () => Promise<unknown> = () => import('koffi'),
): Promise<OriginalDestinationOf> {
  if (platform !== 'linux') {
    throw new OptionError(`the mode transparent needs Linux: ${platform} does not tell where connections were going`);
  }
  const koffi = await loaded(importKoffi);
  // The functions of this very process, among them those of the C library.
  const getsockopt = koffi
    .load(null)
    .func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint8_t *length)');
  // The prototype above says so.
  return (socket) => ask(socket, getsockopt as GetSockOpt, koffi);
}

async function loaded(importKoffi: () => Promise<unknown>): Promise<Koffi> {
  try {
    // Its own declarations say so.
    return (await importKoffi()) as Koffi;
  } catch (cause) {
    const reason = isError(cause) ? ` (${cause.message.split('\n')[0] ?? ''})` : '';
    throw new OptionError(`the mode transparent needs the package koffi: npm install koffi${reason}`);
  }
}

function ask(socket: Socket, getsockopt: GetSockOpt, koffi: Koffi): OriginalDestination {
  const local = formatAddress(socket.localAddress ?? '', socket.localPort ?? 0);
  const failure = (reason: string): ConnectionError =>
    new ConnectionError(
      `the original destination of a connection to ${local} is not known: ${reason}`,
      'connect',
      local,
    );
  const fd = descriptorOf(socket);
  if (fd === undefined) throw failure('the connection is gone');
  // A socket of both families carries IPv4 under the level of IPv4.
  const isIpv4 = isIPv4((socket.localAddress ?? '').replace(/^::ffff:/i, ''));
  const value = Buffer.alloc(longestAddress);
  const length = Buffer.alloc(4);
  writeNative(length, longestAddress);
  if (getsockopt(fd, isIpv4 ? levels.ipv4 : levels.ipv6, originalDestination, value, length) !== 0) {
    throw failure(reasonOf(koffi.errno()));
  }
  // The port stands behind the family, in the order of the network; an IPv6 address behind its flow label.
  const address = isIpv4 ? value.subarray(4, 8) : value.subarray(8, 24);
  return { host: addressText(address), port: value.readUInt16BE(2) };
}

/** Node tells the descriptor of a socket in no documented way. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

function writeNative(into: Buffer, value: number): void {
  if (endianness() === 'LE') into.writeUInt32LE(value);
  else into.writeUInt32BE(value);
}

function reasonOf(errno: number): string {
  // The filter knows of no redirection, or is not even loaded.
  if (errno === constants.errno.ENOENT || errno === constants.errno.ENOPROTOOPT) return 'it was not redirected here';
  return systemReason(Object.assign(new Error(`error ${String(errno)}`), { errno: -errno })).reason;
}
