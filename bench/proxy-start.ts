/** How long a proxy takes to be ready: in a process that runs, and in a new one; and what it has in memory then. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Proxy } from 'pathod/proxy';
import { median } from './load/median.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 50);
const script = fileURLToPath(new URL('servers/proxy-start.mjs', import.meta.url));
const confdir = mkdtempSync(join(tmpdir(), 'pathod-bench-'));

/** Milliseconds that one start takes here. */
async function start(options: { confdir?: string }): Promise<number> {
  const before = performance.now();
  const proxy = await Proxy.start({ mode: 'regular', ...options });
  const taken = performance.now() - before;
  await proxy.stop();
  return taken;
}

async function here(title: string, options: { confdir?: string }): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await start(options));
  console.log(`${title.padEnd(44)} median ${median(times).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms`);
}

function anew(title: string, ...argv: string[]): void {
  const runs = Array.from({ length: Math.ceil(rounds / 5) }, () =>
    execFileSync(process.execPath, [script, ...argv], { encoding: 'utf8' })
      .split(' ')
      .map(Number),
  );
  const [all, started, memory] = [0, 1, 2].map((column) => median(runs.map((run) => run[column] ?? NaN)).toFixed(1));
  console.log(
    `${title.padEnd(44)} median ${String(started)} ms, ${String(all)} ms with the loading of the package; ` +
      `${String(memory)} MiB in memory (goal: below 100)`,
  );
}

try {
  const first = await start({ confdir });
  console.log(`the authority is made                        ${first.toFixed(1)} ms`);
  await here('the authority is there (goal: below 30)', { confdir });
  await here('the authority is in memory', {});
  anew('a new process, the authority is there', confdir);
  anew('a new process, the authority is in memory');
} finally {
  rmSync(confdir, { recursive: true });
}
