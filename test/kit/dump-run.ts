import { runProgram } from './program.js';
import { authorityPem, fileOf } from './certificates.js';
import { temporaryDirectory } from './temporary-directory.js';

/**
 * Runs our mitmdump as a process, until it ends by itself. It has a configuration of its own, and trusts the authority
 * of `certificates.ts`.
 */
export function dumpRun(
  ...argv: readonly string[]
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> {
  const trust = ['--ssl-verify-upstream-trusted-ca', fileOf(authorityPem)];
  return runProgram('proxy/dump/main.ts', ['--confdir', temporaryDirectory(), ...trust, ...argv]).ended();
}
