/**
 * The proxy that takes TLS off and puts it on again, to real mitmdump: requests a second on connections that are kept,
 * and new connections a second; and HTTP/2 on both sides, to the server without a proxy. Each measurement of ours
 * stands between two of the other.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryAuthority } from '../src/net/authority.js';
import { CertificateMaker } from '../src/net/certificate-maker.js';
import { loadHandshakes } from './load/handshakes.js';
import { median } from './load/median.js';
import { hasWrk, load } from './load/requests.js';
import type { Load } from './load/requests.js';
import { hasH2load, loadStreams } from './load/streams.js';
import { startServer } from './servers/server.js';
import type { Server } from './servers/server.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const seconds = 2;
const folder = mkdtempSync(join(tmpdir(), 'pathod-bench-'));
const hasMitmdump = spawnSync('mitmdump', ['--version']).error === undefined;
const servers: Server[] = [];

async function start(name: string, script: string, ...argv: string[]): Promise<Server> {
  const server = await startServer(name, script, ...argv);
  servers.push(server);
  return server;
}

/** Our proxy and mitmdump before a server; without the latter when it is not installed. */
async function proxiesBefore(target: string): Promise<readonly [Server, Server | undefined]> {
  const mode = `reverse:${target}`;
  const insecure = ['--set', 'ssl_insecure=true', '--set', `confdir=${folder}`];
  return [
    await start('pathod/proxy', 'proxy.mjs', mode, 'sslInsecure=true'),
    hasMitmdump ? await start('mitmdump', 'mitmdump.mjs', '--mode', mode, ...insecure) : undefined,
  ];
}

/** Compares a server with another one, round by round. */
function compare(title: string, [ours, other]: readonly [Server, Server | undefined], act: (of: Server) => Load): void {
  if (other === undefined) {
    console.log(`${title.padEnd(40)} ${act(ours).perSecond.toFixed(0)}/s`);
    return;
  }
  for (const each of [ours, other]) act(each);
  const measured: { rate: number; cpu: number; perSecond: number }[] = [];
  let before = act(other);
  for (let round = 0; round < rounds; round++) {
    const { perSecond, cpu } = act(ours);
    const after = act(other);
    const rate = (2 * perSecond) / (before.perSecond + after.perSecond);
    measured.push({ rate, cpu: (before.cpu + after.cpu) / 2 / cpu, perSecond });
    before = after;
  }
  const middle = (of: (one: (typeof measured)[number]) => number): number => median(measured.map(of));
  console.log(
    `${title.padEnd(40)} ${middle(({ rate }) => rate)
      .toFixed(2)
      .padStart(8)} ` +
      `${middle(({ cpu }) => cpu)
        .toFixed(2)
        .padStart(9)}   (${middle(({ perSecond }) => perSecond).toFixed(0)}/s, ` +
      `${ours.memory().peak.toFixed(0)} MiB at most)`,
  );
}

try {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const maker = await CertificateMaker.create(temporaryAuthority(privateKey, 'bench'), { keyType: 'p-256' });
  const { key, cert } = maker.make({ host: 'localhost' }).tlsOptions;
  const file = join(folder, 'server.pem');
  writeFileSync(file, key + cert);

  console.log(`${String(rounds)} rounds of ${String(seconds)} s; medians\n`);
  console.log(`${'TLS on both sides, to mitmdump'.padEnd(40)} requests  CPU time   goal: 10`);
  const bare = await start('bare', 'bare-tls.mjs', file);
  const proxies = await proxiesBefore(`https://127.0.0.1:${String(bare.port)}`);
  if (hasWrk) compare('requests on connections that are kept', proxies, (of) => load(of, '/', seconds, 'https'));
  else console.log('wrk is not installed: requests over HTTP/1 are not measured');
  compare('new connections, a request each', proxies, (of) => loadHandshakes(of, seconds));
  if (hasH2load) {
    const http2 = await start('node', 'node-http2.mjs', file);
    // mitmdump 8.1.1 agrees on HTTP/1.1 with h2load: the server without a proxy is what is compared with.
    const proxy = await start(
      'pathod/proxy',
      'proxy.mjs',
      `reverse:https://127.0.0.1:${String(http2.port)}`,
      'sslInsecure=true',
    );
    compare('HTTP/2, to the server without a proxy', [proxy, http2], (of) => loadStreams(of, seconds, 'https'));
  } else console.log('h2load is not installed: HTTP/2 is not measured');
} finally {
  for (const server of servers) server.stop();
  rmSync(folder, { recursive: true });
}
