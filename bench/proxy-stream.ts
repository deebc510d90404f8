/**
 * Gigabytes that are streamed through the proxy, as ratios to a bare pipe of two sockets in Node: in bytes a second,
 * and in the processor time of the proxy, which does not depend on the others. Each measurement stands between two of
 * the bare pipe. And by how much the memory of the proxy grows meanwhile.
 *
 * `BENCH_GIB` gibibytes at a time (4 unless told otherwise), `BENCH_ROUNDS` times.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
const gibibytes = Number(process.env['BENCH_GIB'] ?? 4);
const size = Math.round(gibibytes * 1024 ** 3);
const drainScript = fileURLToPath(new URL('load/drain.mjs', import.meta.url));
const hasMitmdump = spawnSync('mitmdump', ['--version']).error === undefined;

interface Drained {
  /** Gibibytes a second. */
  readonly speed: number;
  /** Seconds of the server's processor time. */
  readonly cpu: number;
}

function drain(server: Server): Drained {
  const before = server.cpu();
  const printed = execFileSync(process.execPath, [drainScript, String(server.port), '/'], { encoding: 'utf8' });
  const [bytes = 0, seconds = 0] = printed.split(' ').map(Number);
  if (bytes < size) throw new Error(`${server.name}: only ${String(bytes)} bytes`);
  return { speed: gibibytes / seconds, cpu: server.cpu() - before };
}

const source = await startServer('source', 'bare-stream.mjs', String(size));
const target = `127.0.0.1:${String(source.port)}`;
const pipe = await startServer('bare pipe', 'bare-pipe.mjs', String(source.port));

/** Measures a proxy and stops it. */
async function compare(title: string, goal: number, script: string, ...argv: string[]): Promise<void> {
  const server = await startServer(title, script, ...argv);
  try {
    const idle = server.memory().now;
    const measured: Drained[] = [];
    const ratios: { speed: number; cpu: number }[] = [];
    let before = drain(pipe);
    for (let round = 0; round < rounds; round++) {
      const ours = drain(server);
      const after = drain(pipe);
      measured.push(ours);
      ratios.push({
        speed: (2 * ours.speed) / (before.speed + after.speed),
        cpu: (before.cpu + after.cpu) / 2 / ours.cpu,
      });
      before = after;
    }
    const { peak } = server.memory();
    console.log(
      `${title.padEnd(36)} ${median(ratios.map(({ speed }) => speed))
        .toFixed(2)
        .padStart(6)} ` +
        `${median(ratios.map(({ cpu }) => cpu))
          .toFixed(2)
          .padStart(9)}   ${goal > 0 ? `>= ${goal.toFixed(1)}` : '      '}   ` +
        `(${median(measured.map(({ speed }) => speed)).toFixed(2)} GiB/s; ${idle.toFixed(0)} MiB when idle, ` +
        `${peak.toFixed(0)} at most)`,
    );
  } finally {
    server.stop();
  }
}

try {
  drain(pipe);
  console.log(`medians of ${String(rounds)} rounds of ${String(gibibytes)} GiB\n`);
  console.log(`${'of a bare pipe'.padEnd(36)}  speed  CPU time   goal`);
  await compare('reverse proxy that streams', 0.9, 'proxy.mjs', `reverse:http://${target}`, 'streamLargeBodies=1m');
  await compare('raw TCP, passed on unkept', 0.9, 'proxy.mjs', `reverse:http://${target}`, 'ignoreHosts=["."]');
  await compare('raw TCP, kept', 0, 'proxy.mjs', `reverse:tcp://${target}`);
  if (hasMitmdump) {
    const options = ['--set', 'stream_large_bodies=1m'];
    await compare('mitmdump that streams', 0, 'mitmdump.mjs', '--mode', `reverse:http://${target}`, ...options);
  } else console.log('mitmdump is not installed: not compared');
} finally {
  pipe.stop();
  source.stop();
}
