/** How long the program mitmdump takes until it listens, in turn with Node that does nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './load/median.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15);
const program = fileURLToPath(new URL('../dist/proxy/dump/main.js', import.meta.url));
const confdir = mkdtempSync(join(tmpdir(), 'pathod-bench-'));
const script = join(confdir, 'script.ts');
writeFileSync(script, 'export function request(flow: { comment: string }): void {\n  flow.comment = "seen";\n}\n');

function bare(): number {
  const before = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - before;
}

/** Milliseconds from the start of the process to its line that it listens. */
async function start(...argv: string[]): Promise<number> {
  const before = performance.now();
  const child = spawn(process.execPath, [program, '-p', '0', '--set', `confdir=${confdir}`, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  let printed = '';
  let taken: number | undefined;
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    printed += piece.toString();
    if (taken !== undefined || !printed.includes('listening at')) continue;
    taken = performance.now() - before;
    child.kill();
  }
  await gone;
  if (taken === undefined) throw new Error(`it does not listen: ${printed}`);
  return taken;
}

try {
  // The authority is made, and what is compiled once is compiled.
  await start();
  await start('-s', script);
  const times = { node: [] as number[], plain: [] as number[], script: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.node.push(bare());
    times.plain.push(await start());
    times.script.push(await start('-s', script));
  }
  const node = median(times.node);
  const show = (title: string, ms: number, goal = ''): void => {
    console.log(`${title.padEnd(32)} median ${ms.toFixed(0)} ms, ${(ms / node).toFixed(1)} times Node alone${goal}`);
  };
  console.log(`${String(rounds)} rounds`);
  show('node -e 0', node);
  show('mitmdump, to listening', median(times.plain), ' (goal: below 400 ms)');
  show('the same with -s script.ts', median(times.script));
} finally {
  rmSync(confdir, { recursive: true });
}
