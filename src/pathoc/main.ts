#!/usr/bin/env node
/** The program `pathoc`. */
import { systemClock } from '../net/clock.js';
import { onAbort } from '../net/on-abort.js';
import { systemReason } from '../net/system-error.js';
import { command } from './command.js';
import type { Output } from './output.js';

/** The statuses that shells give to programs ended by these signals. */
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/** What ends a run before its time. The first end counts. */
class Ending {
  private readonly over = new AbortController();
  /** The exit status of the program; undefined when that of the run counts. */
  status: number | undefined;

  get signal(): AbortSignal {
    return this.over.signal;
  }

  end(status?: number): void {
    if (!this.signal.aborted) this.status = status;
    this.over.abort();
  }
}

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const ending = new Ending();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not once: a signal more, before the process is gone, would kill it.
    process.on(signal, () => {
      ending.end(signalStatus[signal]);
    });
  }
  const { signal } = ending;
  const output = outputOf(ending);
  const status = await command(argv, { output, clock: systemClock, signal, columns: process.stdout.columns });
  return ending.status ?? status;
}

function outputOf(ending: Ending): Output {
  const fail = (stream: NodeJS.WriteStream, error: Error): void => {
    const { code, reason } = systemReason(error);
    // A reader that left, as `head` does, ends the run without a word.
    if (code === 'EPIPE' || ending.signal.aborted) {
      ending.end();
      return;
    }
    ending.end(2);
    if (stream === process.stdout) process.stderr.write(`pathoc: cannot write to standard output: ${reason}\n`);
  };
  const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
    new Promise((resolve) => {
      // A reader that stands still does not hold up the end.
      const forget = onAbort(ending.signal, resolve);
      if (ending.signal.aborted) return;
      stream.write(text, (error) => {
        if (error) fail(stream, error);
        forget();
        resolve();
      });
    });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: Error) => {
      fail(stream, error);
    });
  }
  return {
    result: (text) => write(process.stdout, text),
    note: (text) => write(process.stderr, text),
  };
}

// Not the exit status alone: until it is gone, the process is to take signals. All that was to be printed is.
process.exit(await main(process.argv.slice(2)));
