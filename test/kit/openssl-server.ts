import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { certificateFor, fileOf } from './certificates.js';

/** Starts `openssl s_server` with further arguments on a free local port, until the test is over. Resolves with the port. */
export async function opensslServer(...args: readonly string[]): Promise<number> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  const file = fileOf(key, cert);
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-cert', file, '-key', file, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  for await (const line of createInterface(child.stdout)) {
    const port = /^ACCEPT .*:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    // What it prints later must not fill the pipe.
    child.stdout.resume();
    return Number(port);
  }
  throw new Error('openssl did not start');
}
