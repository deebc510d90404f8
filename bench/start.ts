/** How long a daemon takes to be ready: the fixture in a process that runs, and the program from nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Daemon } from 'pathod';
import { median } from './load/median.js';

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

const fixture: number[] = [];
for (let i = 0; i < 100; i++) {
  let daemon: Daemon | undefined;
  fixture.push(await timed(async () => (daemon = await Daemon.start({ anchors: [['/x', '200:b@100']] }))));
  await daemon?.stop();
}

const main = fileURLToPath(new URL('../dist/pathod/main.js', import.meta.url));
const program: number[] = [];
for (let i = 0; i < 15; i++) {
  const start = performance.now();
  const child = spawn(process.execPath, [main, '-p', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  program.push(performance.now() - start);
  child.kill();
  await once(child, 'exit');
}

const shown = (times: readonly number[]): string =>
  `median ${median(times).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms`;
console.log(`Daemon.start()         ${shown(fixture)} (goal: median < 10 ms)`);
console.log(`pathod until it listens ${shown(program)} (goal: < 300 ms)`);
