import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** mitmdump under a test's hand. */
export interface Mitmdump {
  readonly port: number;
  /** Lets it end in order, so that what it writes is written. */
  stop(): Promise<void>;
}

/**
 * Starts mitmdump with this configuration directory on a free port, and resolves once it listens.
 * It takes any certificate of the servers behind it, and is killed when the test is over.
 */
export async function startMitmdump(directory: string, ...argv: readonly string[]): Promise<Mitmdump> {
  const options = ['--set', `confdir=${directory}`, '--set', 'ssl_insecure=true', ...argv];
  const child = spawn('mitmdump', [...options, '--listen-host', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  onTestFinished(() => end('SIGKILL'));
  const lines = createInterface(child.stdout);
  const port = await new Promise<number>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /listening at .*:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    lines.once('close', () => {
      reject(new Error('mitmdump did not start'));
    });
  });
  return { port, stop: () => end('SIGTERM') };
}

/** As {@link startMitmdump}; resolves with the port. */
export async function mitmdump(directory: string, ...argv: readonly string[]): Promise<number> {
  return (await startMitmdump(directory, ...argv)).port;
}
