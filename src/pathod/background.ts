/**
 * Going on in the background. The program starts itself anew, detached and without terminal, and waits
 * until that child says that it listens, or why it does not: only then does it end.
 */
import { spawn } from 'node:child_process';
import type { Report } from './command.js';

const marker = 'PATHOD_IN_BACKGROUND';

/** Whether this process is such a child. Asked once: the mark is taken off, so that no child of ours has it. */
export function isInBackground(): boolean {
  const marked = process.env[marker] !== undefined && process.send !== undefined;
  Reflect.deleteProperty(process.env, marker);
  return marked;
}

/** Starts this program anew in the background. Resolves to what it reports. */
export function startInBackground(argv: readonly string[]): Promise<Report> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, ...argv], {
    detached: true,
    env: { ...process.env, [marker]: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    child.once('message', (report) => {
      child.disconnect();
      child.unref();
      // Only `reportToParent` sends messages here.
      resolve(report as Report);
    });
    child.once('error', (error) => {
      resolve({ text: `pathod: cannot go on in the background: ${error.message}\n`, status: 1 });
    });
    child.once('exit', (code) => {
      resolve({ text: 'pathod: ended before it could listen\n', status: code ?? 1 });
    });
  });
}

/** Tells the parent how the start went, after which the two know nothing of each other any more. */
export function reportToParent(report: Report): Promise<void> {
  // What was relative has been made absolute by now: the directory that we were started in may go.
  process.chdir('/');
  return new Promise((resolve) => {
    process.send?.(report, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}
