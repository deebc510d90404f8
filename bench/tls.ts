/**
 * TLS handshakes, each with one request, as ratios to a bare server in Node with the same certificate:
 * in handshakes a second, and in the processor time of the server, which does not depend on the client.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryAuthority } from '../src/net/authority.js';
import { CertificateMaker } from '../src/net/certificate-maker.js';
import type { LeafKeyType } from '../src/net/certificate-maker.js';
import { median } from './load/median.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = 5;
const seconds = 2;
const script = fileURLToPath(new URL('load/handshakes.mjs', import.meta.url));

interface Load {
  readonly perSecond: number;
  /** Microseconds of processor time a handshake. */
  readonly cpu: number;
}

function load(server: Server, duration: number): Load {
  const before = server.cpu();
  const printed = execFileSync(process.execPath, [script, String(server.port), String(duration)], { encoding: 'utf8' });
  const [count = 0, taken = 0] = printed.split(' ').map(Number);
  return { perSecond: count / taken, cpu: ((server.cpu() - before) / count) * 1e6 };
}

async function measure(keyType: LeafKeyType, folder: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const maker = await CertificateMaker.create(temporaryAuthority(privateKey, 'bench'), { keyType });
  const { key, cert } = maker.make({ host: 'localhost' }).tlsOptions;
  const file = join(folder, `${keyType}.pem`);
  writeFileSync(file, key + cert);
  const servers = [
    await startServer('bare', 'bare-tls.mjs', file),
    await startServer('pathod', 'daemon-tls.mjs', file),
  ] as const;
  try {
    for (const server of servers) load(server, 0.5);
    const loads = Array.from({ length: rounds }, () => servers.map((server) => load(server, seconds)));
    const ratio = (of: (load: Load) => number): number =>
      median(loads.map(([bare, ours]) => (bare && ours ? of(ours) / of(bare) : NaN)));
    const perSecond = median(loads.map(([, ours]) => ours?.perSecond ?? NaN));
    console.log(
      `${keyType.padEnd(10)} ${ratio((one) => one.perSecond).toFixed(2)} of bare in handshakes a second (goal 0.80), ` +
        `${(1 / ratio((one) => one.cpu)).toFixed(2)} in processor time; ${perSecond.toFixed(0)} a second`,
    );
  } finally {
    for (const server of servers) server.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'pathod-bench-'));
try {
  console.log(`medians of ${String(rounds)} rounds of ${String(seconds)} s`);
  await measure('rsa-2048', folder);
  await measure('p-256', folder);
} finally {
  rmSync(folder, { recursive: true });
}
