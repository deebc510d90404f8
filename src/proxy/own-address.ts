import { networkInterfaces } from 'node:os';
import type { Address } from './flow/connection.js';

const everyAddress: readonly string[] = ['0.0.0.0', '::'];

/**
 * Whether an address is one that is listened on: connecting there would be connecting to oneself.
 * @param host a name other than `localhost` is not looked up
 * @param listening what is bound; `0.0.0.0` and `::` stand for every address of this machine
 */
export function isOwnAddress([host, port]: Address, listening: readonly Address[]): boolean {
  return listening.some(([bound, boundPort]) => {
    if (boundPort !== port) return false;
    if (host === bound) return true;
    const isEvery = everyAddress.includes(bound);
    if (isLoopback(host)) return isEvery || isLoopback(bound);
    return isEvery && isOfThisMachine(host);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || everyAddress.includes(host);
}

function isOfThisMachine(host: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host));
}
