import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/**
 * Starts mitmdump with this configuration directory on a free port, and resolves with that once it listens.
 * It takes any certificate of the servers behind it, and is killed when the test is over.
 */
export async function mitmdump(directory: string, ...argv: readonly string[]): Promise<number> {
  const options = ['--set', `confdir=${directory}`, '--set', 'ssl_insecure=true', ...argv];
  const child = spawn('mitmdump', [...options, '--listen-host', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  for await (const line of createInterface(child.stdout)) {
    const port = /listening at .*:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('mitmdump did not start');
}
