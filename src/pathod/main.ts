#!/usr/bin/env node
/** The program `pathod`. */
import { systemReason } from '../net/system-error.js';
import { isInBackground, reportToParent, startInBackground } from './background.js';
import { command } from './command.js';
import type { Report } from './command.js';

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not once: a signal more, before the process is gone, would kill it.
    process.on(signal, () => {
      over.abort();
    });
  }
  let outputFailed = false;
  process.stdout.on('error', (error: Error) => {
    const { code, reason } = systemReason(error);
    // A reader that left ends the log without a word, and not the daemon.
    if (code === 'EPIPE' || outputFailed) return;
    outputFailed = true;
    warn(`pathod: cannot write to standard output: ${reason}\n`);
  });
  process.stderr.on('error', () => undefined);
  const inBackground = isInBackground();
  const status = await command(argv, {
    out: process.stdout,
    say: inBackground ? reportToParent : print,
    warn,
    signal: over.signal,
    columns: process.stdout.columns,
    startInBackground: inBackground ? undefined : startInBackground,
  });
  return status === 0 && outputFailed ? 1 : status;
}

function warn(line: string): void {
  process.stderr.write(line);
}

function print({ text, status }: Report): Promise<void> {
  const stream = status === 0 ? process.stdout : process.stderr;
  return new Promise((done) => {
    stream.write(text, () => {
      done();
    });
  });
}

// Not the exit status alone: a reader of the log that stands still would keep the process alive, and until
// it is gone, the process is to take signals.
process.exit(await main(process.argv.slice(2)));
