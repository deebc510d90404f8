/**
 * The proxy against the npm package http-proxy, which records nothing, and against real mitmdump: requests a second
 * through a reverse proxy, with an addon on every hook and all flows kept; written to disk as they go; and with TLS
 * taken off and put on. All stand before the same bare server. Ratios are of one run; each measurement of ours stands
 * between two of the other.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load/requests.js';
import type { Load } from './load/requests.js';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const seconds = 2;
const folder = mkdtempSync(join(tmpdir(), 'pathod-bench-flows-'));
const hasMitmdump = spawnSync('mitmdump', ['--version']).error === undefined;

const bare = await startServer('bare', 'bare.mjs', '100');
const target = `http://127.0.0.1:${String(bare.port)}`;
const ours = await startServer('pathod/proxy', 'proxy.mjs', `reverse:${target}`);
const servers: Server[] = [bare, ours];

async function start(name: string, script: string, ...argv: string[]): Promise<Server> {
  const server = await startServer(name, script, ...argv);
  servers.push(server);
  return server;
}

/** Compares a server with another one, round by round. */
function compare(title: string, server: Server, other: Server, goal: number): void {
  for (const each of [server, other]) load(each, '/', 1);
  const rate: number[] = [];
  const cpu: number[] = [];
  const perSecond: number[] = [];
  let before: Load = load(other, '/', seconds);
  for (let round = 0; round < rounds; round++) {
    const measured = load(server, '/', seconds);
    const after = load(other, '/', seconds);
    rate.push(measured.perSecond / ((before.perSecond + after.perSecond) / 2));
    cpu.push((before.cpu + after.cpu) / 2 / measured.cpu);
    perSecond.push(measured.perSecond);
    before = after;
  }
  const columns = [median(rate), median(cpu)].map((ratio) => ratio.toFixed(2).padStart(8));
  console.log(
    `${title.padEnd(52)} ${columns.join(' ')}   >= ${goal.toFixed(1)}   (${median(perSecond).toFixed(0)}/s, ` +
      `${server.memory().now.toFixed(0)} MiB)`,
  );
}

try {
  console.log(`${String(rounds)} rounds of ${String(seconds)} s; medians\n`);
  console.log(`${''.padEnd(52)} requests  CPU time   goal`);
  const idle = ours.memory().now;
  const asShown = await start('http-proxy', 'http-proxy.mjs', target);
  compare('reverse proxy, flows kept, to npm http-proxy', ours, asShown, 1.5);
  const kept = await start('http-proxy', 'http-proxy.mjs', target, '--keep-alive');
  compare('the same to http-proxy with a keep-alive agent', ours, kept, 1.5);
  const file = join(folder, 'flows.mitm');
  const written = await start('to disk', 'proxy.mjs', `reverse:${target}`, '--to', file);
  compare('the same written to disk, to that without', written, ours, 0.7);
  if (hasMitmdump) {
    const mitmdump = await start('mitmdump', 'mitmdump.mjs', '--mode', `reverse:${target}`);
    compare('reverse proxy, to mitmdump', ours, mitmdump, 20);
  } else console.log('mitmdump is not installed: not compared');
  console.log(`memory when idle: ${idle.toFixed(0)} MiB (goal: below 100)`);
} finally {
  for (const server of servers) server.stop();
  rmSync(folder, { recursive: true, force: true });
}
