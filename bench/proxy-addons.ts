/**
 * What the addons of every proxy cost while nothing is asked of them: requests a second through a reverse proxy that
 * has all of them, to one that has none. Each measurement of one stands between two of the other.
 */
import { load } from './load/requests.js';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 9);
const seconds = 2;

const bare = await startServer('bare', 'bare.mjs', '100');
const target = `reverse:http://127.0.0.1:${String(bare.port)}`;
const all = await startServer('all addons', 'proxy-addons.mjs', target);
const none = await startServer('no addons', 'proxy-addons.mjs', target, 'none');
try {
  for (const server of [all, none]) load(server, '/', 1);
  const rates: number[] = [];
  const times: number[] = [];
  let before = load(none, '/', seconds);
  for (let round = 0; round < rounds; round++) {
    const measured = load(all, '/', seconds);
    const after = load(none, '/', seconds);
    rates.push(measured.perSecond / ((before.perSecond + after.perSecond) / 2));
    times.push((before.cpu + after.cpu) / 2 / measured.cpu);
    before = after;
  }
  console.log(`${String(rounds)} rounds of ${String(seconds)} s; medians\n`);
  console.log(
    `all built-in addons, idle, to none: requests ${median(rates).toFixed(3)}, CPU time ${median(times).toFixed(3)} (goal: 0.90)`,
  );
} finally {
  for (const server of [all, none, bare]) server.stop();
}
