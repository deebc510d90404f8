import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryAuthority } from '../../src/net/authority.js';
import { authorityPem, fileOf } from './certificates.js';
import { runProgram } from './program.js';
import { run } from './run.js';
import type { Ran } from './run.js';
import { temporaryDirectory } from './temporary-directory.js';

/** Our mitmdump as a process that listens. It is killed when the test that started it is over. */
export interface DumpProcess {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly at: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The file of its authority. */
  readonly caFile: string;
  /** What it printed so far, to standard output and to standard error. */
  readonly out: string;
  readonly err: string;
  readonly processId: number;
  /** Resolves to the first match in what it printed to standard output. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Runs curl, which trusts the authority of this program alone, and does not know of the proxy unless it is told. */
  readonly curl: (...args: readonly string[]) => Promise<Ran>;
  /** Runs curl with this program as its HTTP proxy. */
  readonly through: (...args: readonly string[]) => Promise<Ran>;
  /** Lets it end in order, so that what it writes is written. */
  stop(): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>;
}

// A key of RSA, which it would make itself, takes seconds on a busy machine.
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ownAuthority =
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + temporaryAuthority(privateKey, 'mitmproxy').pem;

/**
 * Starts our mitmdump, with an authority of its own, on a free port, and resolves once it listens. It trusts the
 * authority of `certificates.ts`.
 */
export async function dumpProcess(...argv: readonly string[]): Promise<DumpProcess> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'mitmproxy-ca.pem'), ownAuthority);
  const trust = ['--ssl-verify-upstream-trusted-ca', fileOf(authorityPem)];
  const program = runProgram('proxy/dump/main.ts', ['--confdir', directory, ...trust, '-p', '0', ...argv]);
  const [, at = ''] = await program.until(/listening at (\S+)\n/);
  const caFile = join(directory, 'mitmproxy-ca-cert.pem');
  const curl = (...args: readonly string[]): Promise<Ran> =>
    run('curl', ['-sS', '-m', '50', '--noproxy', '', '--cacert', caFile, ...args]);
  return {
    port: Number(at.replace(/^.*:/, '')),
    at,
    url: `http://${at}`,
    caFile,
    get out() {
      return program.out;
    },
    get err() {
      return program.err;
    },
    processId: Number(program.child.pid),
    until: (pattern) => program.until(pattern),
    curl,
    through: (...args) => curl('-x', `http://${at}`, ...args),
    async stop() {
      program.child.kill('SIGTERM');
      return program.ended();
    },
  };
}
