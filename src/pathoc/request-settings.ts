import { isIPv6 } from 'node:net';
import type { Files, Random, Settings } from '../language/index.js';

/**
 * What messages of this client are resolved with. The Host field is the host that is connected to,
 * whatever lies behind it, and has no port.
 */
export function requestSettings(host: string, files: Files, random: Random): Settings {
  return { random, files, requestHost: isIPv6(host) ? `[${host}]` : host };
}
