/**
 * HTTP/2 requests per second, as ratios to Node's own HTTP/2 server that answers the same small body, under
 * h2load. Servers and load are processes of their own; every measurement stands between two of Node's server.
 * Processor time a request is a steadier measure where others use the machine too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const seconds = 2;
const goal = 0.7;

interface Load {
  readonly perSecond: number;
  /** Microseconds of the server's processor time a request. */
  readonly cpu: number;
}

interface Case {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
  /** Connections, and streams at a time on each. */
  readonly connections: number;
  readonly streams: number;
}

if (spawnSync('h2load', ['--version']).error !== undefined) throw new Error('this benchmark needs h2load (nghttp2)');

/** Asks for one path for some seconds. */
function load({ server, path, connections, streams }: Omit<Case, 'name'>, duration = seconds): Load {
  const url = `http://127.0.0.1:${String(server.port)}${path}`;
  const args = ['-c', String(connections), '-m', String(streams), '-D', String(duration), '--warm-up-time=1', url];
  const before = server.cpu();
  const printed = execFileSync('h2load', args, { encoding: 'utf8' });
  const number = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1]);
  if (number(/(\d+) failed/) > 0 || number(/(\d+) 2xx/) === 0) throw new Error(printed);
  // The warm-up is part of the processor time, and counts in proportion.
  const total = number(/(\d+) succeeded/) * ((duration + 1) / duration);
  return { perSecond: number(/([\d.]+) req\/s/), cpu: ((server.cpu() - before) / total) * 1e6 };
}

const [node, daemon, program] = await Promise.all([
  startServer("Node's server", 'node-http2.mjs'),
  startServer('in process', 'daemon.mjs', '--h2c'),
  startServer('program', '../../dist/pathod/main.js', '-p', '0', '--h2c', '-a', "/fixed=200:b'hello'"),
]);

const many = { connections: 4, streams: 32 };
const cases: readonly Case[] = [
  { name: 'in process, log on: fixed anchor', server: daemon, path: '/fixed', ...many },
  { name: 'in process, log on: one stream at a time', server: daemon, path: '/fixed', connections: 16, streams: 1 },
  { name: 'in process, log on: anchor 200:b@100', server: daemon, path: '/drawn', ...many },
  { name: 'in process, log on: cached craft URL', server: daemon, path: '/p/200:b%22hello%22', ...many },
  { name: 'program, text log to a file: fixed anchor', server: program, path: '/fixed', ...many },
];

try {
  console.log(`load: h2load, ${String(rounds)} rounds of ${String(seconds)} s; medians\n`);
  console.log(`${"ratio to Node's server".padEnd(44)} requests/s   CPU time   goal`);
  for (const { name, ...measured } of cases) {
    const bare = { ...measured, server: node };
    const rate: number[] = [];
    const cpu: number[] = [];
    const perSecond: number[] = [];
    let before = load(bare);
    for (let round = 0; round < rounds; round++) {
      const ours = load(measured);
      const after = load(bare);
      rate.push(ours.perSecond / ((before.perSecond + after.perSecond) / 2));
      cpu.push((before.cpu + after.cpu) / 2 / ours.cpu);
      perSecond.push(ours.perSecond);
      before = after;
    }
    const columns = [median(rate), median(cpu)].map((ratio) => ratio.toFixed(2).padStart(10));
    console.log(
      `${name.padEnd(44)} ${columns.join(' ')}   >= ${goal.toFixed(2)}   (${Math.round(median(perSecond))}/s)`,
    );
  }
} finally {
  for (const server of [node, daemon, program]) server.stop();
}
