import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Server } from '../servers/server.js';
import type { Load } from './requests.js';

const script = fileURLToPath(new URL('handshakes.mjs', import.meta.url));

/** Shakes hands, and asks for one thing each time, for some seconds. */
export function loadHandshakes(server: Server, seconds: number): Load {
  const before = server.cpu();
  const printed = execFileSync(process.execPath, [script, String(server.port), String(seconds)], { encoding: 'utf8' });
  const [count = 0, taken = 0] = printed.split(' ').map(Number);
  return { perSecond: count / taken, cpu: ((server.cpu() - before) / count) * 1e6 };
}
