/**
 * Bytes per second of a gigabyte drawn by chance, as ratios to a bare server that sends a constant
 * block, and by how much the server's memory grows after its first megabyte.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = 5;
const gigabyte = 1024 ** 3;
const drainScript = fileURLToPath(new URL('load/drain.mjs', import.meta.url));

/** Gigabytes per second. */
function drain({ port }: Server, path: string, size = gigabyte): number {
  const printed = execFileSync(process.execPath, [drainScript, String(port), path], { encoding: 'utf8' });
  const [bytes = 0, seconds = 0] = printed.split(' ').map(Number);
  if (bytes < size) throw new Error(`only ${String(bytes)} bytes of ${path}`);
  return bytes / gigabyte / seconds;
}

const bare = await startServer('bare', 'bare-stream.mjs', String(gigabyte));
try {
  drain(bare, '/');
  console.log(`medians of ${String(rounds)} rounds\n`);
  for (const [spec, goal] of [
    ['200:b@1g:da', 0.4],
    ['200:b@1g,ascii:da', 0.1],
  ] as const) {
    const fresh = await startServer('in process', 'daemon.mjs');
    const ratios: number[] = [];
    const speeds: number[] = [];
    try {
      drain(fresh, '/p/200:b@1m:da', 1024 ** 2);
      const { now } = fresh.memory();
      for (let round = 0; round < rounds; round++) {
        const constant = drain(bare, '/');
        const drawn = drain(fresh, `/p/${spec}`);
        speeds.push(drawn);
        ratios.push(drawn / constant);
      }
      const growth = fresh.memory().peak - now;
      console.log(
        `${spec.padEnd(20)} ${median(ratios).toFixed(2)} of bare (goal ${goal.toFixed(2)}), ` +
          `${median(speeds).toFixed(2)} GiB/s, memory grew by ${growth.toFixed(0)} MiB at most (goal < 64)`,
      );
    } finally {
      fresh.stop();
    }
  }
} finally {
  bare.stop();
}
