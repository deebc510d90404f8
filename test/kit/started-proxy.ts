import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import { authorityPem, fileOf } from './certificates.js';
import { run } from './run.js';
import type { Ran } from './run.js';
import { temporaryDirectory } from './temporary-directory.js';

/** A proxy under a test's hand. */
export interface StartedProxy {
  readonly proxy: Proxy;
  /** `127.0.0.1:PORT`, of the first mode. */
  readonly at: string;
  /** The lines of its log. */
  readonly lines: readonly string[];
  /** The file of its authority. */
  readonly caFile: string;
  /** Runs curl, which trusts the proxy's authority alone, and does not know of the proxy unless it is told. */
  readonly curl: (...args: readonly string[]) => Promise<Ran>;
  /** Runs curl with the proxy as its HTTP proxy. */
  readonly through: (...args: readonly string[]) => Promise<Ran>;
}

/** Starts a proxy that trusts the authority of `certificates.ts`. It is stopped when the test that made it is over. */
export async function startedProxy(options: ProxyOptions = {}): Promise<StartedProxy> {
  const lines: string[] = [];
  const proxy = await Proxy.start(
    { sslVerifyUpstreamTrustedCa: fileOf(authorityPem), ...options },
    { log: ({ level, message }) => lines.push(`${level}: ${message}`) },
  );
  onTestFinished(() => proxy.stop());
  const caFile = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(caFile, proxy.ca);
  const at = `127.0.0.1:${String(proxy.port)}`;
  const curl = (...args: readonly string[]): Promise<Ran> =>
    run('curl', ['-sS', '-m', '50', '--noproxy', '', '--cacert', caFile, ...args]);
  return { proxy, at, lines, caFile, curl, through: (...args) => curl('-x', `http://${at}`, ...args) };
}
