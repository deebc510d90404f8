/**
 * Requests per second, as ratios to a bare `net` server that answers a constant response of the same
 * length. Servers and load are processes of their own; every measurement stands between two of the
 * bare server. Processor time a request is a steadier measure where others use the machine too.
 */
import { hasWrk, load } from './load/requests.js';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 7);
const seconds = 2;

interface Case {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
  /** The bare server to compare with. */
  readonly bare: Server;
  readonly goal: number;
}

const [short, long, daemon, program] = await Promise.all([
  startServer('bare, 5 bytes', 'bare.mjs', '5'),
  startServer('bare, 100 bytes', 'bare.mjs', '100'),
  startServer('in process', 'daemon.mjs'),
  startServer('program', '../../dist/pathod/main.js', '-p', '0', '-a', "/fixed=200:b'hello'"),
]);

const cases: readonly Case[] = [
  { name: 'in process, log on: fixed anchor', server: daemon, path: '/fixed', bare: short, goal: 0.9 },
  { name: 'in process, log on: anchor 200:b@100', server: daemon, path: '/drawn', bare: long, goal: 0.8 },
  {
    name: 'in process, log on: cached craft URL',
    server: daemon,
    path: '/p/200:b%22hello%22',
    bare: short,
    goal: 0.75,
  },
  { name: 'program, text log to a file: fixed anchor', server: program, path: '/fixed', bare: short, goal: 0.6 },
];

try {
  for (const { server, path, bare } of cases) {
    load(bare, path, 1);
    load(server, path, 1);
  }
  console.log(`load: ${hasWrk ? 'wrk' : 'autocannon'}, ${String(rounds)} rounds of ${String(seconds)} s; medians\n`);
  console.log(`${'ratio to the bare server'.padEnd(44)} requests/s   CPU time   goal`);
  for (const { name, server, path, bare, goal } of cases) {
    const rate: number[] = [];
    const cpu: number[] = [];
    const perSecond: number[] = [];
    let before = load(bare, path, seconds);
    for (let round = 0; round < rounds; round++) {
      const measured = load(server, path, seconds);
      const after = load(bare, path, seconds);
      rate.push(measured.perSecond / ((before.perSecond + after.perSecond) / 2));
      cpu.push((before.cpu + after.cpu) / 2 / measured.cpu);
      perSecond.push(measured.perSecond);
      before = after;
    }
    const columns = [median(rate), median(cpu)].map((ratio) => ratio.toFixed(2).padStart(10));
    console.log(
      `${name.padEnd(44)} ${columns.join(' ')}   >= ${goal.toFixed(2)}   (${Math.round(median(perSecond))}/s)`,
    );
  }
} finally {
  for (const server of [short, long, daemon, program]) server.stop();
}
