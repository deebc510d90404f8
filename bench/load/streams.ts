import { execFileSync, spawnSync } from 'node:child_process';
import type { Server } from '../servers/server.js';
import type { Load } from './requests.js';

/** Whether h2load, of nghttp2, is there. */
export const hasH2load = spawnSync('h2load', ['--version']).error === undefined;

/** Connections, and streams at a time on each. */
const connections = 4;
const streams = 8;

/** Asks for the root over HTTP/2 for some seconds. */
export function loadStreams(server: Server, seconds: number, scheme: 'http' | 'https'): Load {
  const url = `${scheme}://127.0.0.1:${String(server.port)}/`;
  const args = ['-c', String(connections), '-m', String(streams), '-D', String(seconds), '--warm-up-time=1', url];
  const before = server.cpu();
  const printed = execFileSync('h2load', args, { encoding: 'utf8' });
  const number = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1]);
  if (number(/(\d+) failed/) > 0 || number(/(\d+) 2xx/) === 0) throw new Error(printed);
  if (!printed.includes('protocol: h2')) throw new Error(`${server.name} does not speak HTTP/2`);
  // The warm-up is part of the processor time, and counts in proportion.
  const total = number(/(\d+) succeeded/) * ((seconds + 1) / seconds);
  return { perSecond: number(/([\d.]+) req\/s/), cpu: ((server.cpu() - before) / total) * 1e6 };
}
