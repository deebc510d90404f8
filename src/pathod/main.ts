#!/usr/bin/env node
/** The program `pathod`. */
import { isInBackground, reportToParent, startInBackground } from './background.js';
import { command } from './command.js';
import type { Report } from './command.js';

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      over.abort();
    });
  }
  const inBackground = isInBackground();
  return command(argv, {
    out: process.stdout,
    say: inBackground ? reportToParent : print,
    signal: over.signal,
    columns: process.stdout.columns,
    startInBackground: inBackground ? undefined : startInBackground,
  });
}

function print({ text, status }: Report): Promise<void> {
  const stream = status === 0 ? process.stdout : process.stderr;
  return new Promise((done) => {
    stream.write(text, () => {
      done();
    });
  });
}

for (const stream of [process.stdout, process.stderr]) {
  // A reader that left ends the log, not the daemon.
  stream.on('error', () => undefined);
}

// Not the exit status alone: a reader of the log that stands still would keep the process alive.
process.exit(await main(process.argv.slice(2)));
