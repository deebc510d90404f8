import { generateKeyPairSync } from 'node:crypto';
import { temporaryAuthority } from './authority.js';
import type { Authority } from './authority.js';

let authority: Authority | undefined;

/**
 * The authority of this process, in memory, for what has no configuration directory. A key for P-256 is there at once.
 * All fixtures share it, so a client that trusts it trusts them all.
 */
export function processAuthority(): Authority {
  return (authority ??= temporaryAuthority(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'pathod'));
}
