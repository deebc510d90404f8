import { execFileSync, spawnSync } from 'node:child_process';
import type { Server } from '../servers/server.js';

/** What a server did under load. */
export interface Load {
  readonly perSecond: number;
  /** Microseconds of its processor time a request. */
  readonly cpu: number;
}

/** Whether wrk is there; it costs a quarter of the processor time that autocannon does. */
export const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

const connections = 32;

/** Asks for one path over many connections for some seconds. */
export function load(server: Server, path: string, seconds: number, scheme: 'http' | 'https' = 'http'): Load {
  const url = `${scheme}://127.0.0.1:${String(server.port)}${path}`;
  const before = server.cpu();
  const { total, perSecond } = hasWrk ? wrk(url, seconds) : cannon(url, seconds);
  return { perSecond, cpu: ((server.cpu() - before) / total) * 1e6 };
}

function wrk(url: string, seconds: number): { total: number; perSecond: number } {
  const args = ['-t1', `-c${String(connections)}`, `-d${String(seconds)}s`, url];
  const printed = execFileSync('wrk', args, { encoding: 'utf8' });
  if (/Non-2xx|Socket errors/.test(printed)) throw new Error(printed);
  const number = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1]);
  return { total: number(/(\d+) requests in/), perSecond: number(/Requests\/sec:\s+([\d.]+)/) };
}

function cannon(url: string, seconds: number): { total: number; perSecond: number } {
  const args = ['autocannon', '--json', '-c', String(connections), '-d', String(seconds), url];
  const printed = execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // What autocannon prints when told to print JSON.
  const { requests, non2xx, errors } = JSON.parse(printed) as Record<'non2xx' | 'errors', number> & {
    requests: { total: number; average: number };
  };
  if (non2xx > 0 || errors > 0) throw new Error(`${String(non2xx)} other answers, ${String(errors)} errors`);
  return { total: requests.total, perSecond: requests.average };
}
