#!/usr/bin/env node
/** The program `pathoc`. */
import { systemClock } from '../net/clock.js';
import { command } from './command.js';
import type { Output } from './output.js';

/** The statuses that shells give to programs ended by these signals. */
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const over = new AbortController();
  let ended: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      ended = signalStatus[signal];
      over.abort();
    });
  }
  const status = await command(argv, {
    output: outputOf(over),
    clock: systemClock,
    signal: over.signal,
    columns: process.stdout.columns,
  });
  return ended ?? status;
}

function outputOf(over: AbortController): Output {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that left, as `head` does, ends the run without a word.
    stream.on('error', () => {
      over.abort();
    });
  }
  const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
    new Promise((resolve) => {
      if (over.signal.aborted) resolve();
      else
        stream.write(text, () => {
          resolve();
        });
    });
  return {
    result: (text) => write(process.stdout, text),
    note: (text) => write(process.stderr, text),
  };
}

process.exitCode = await main(process.argv.slice(2));
