#!/usr/bin/env node
/** The program `mitmdump`. */
import { systemClock } from '../../net/clock.js';
import { notifySystemd } from '../../net/notify-systemd.js';
import { systemReason } from '../../net/system-error.js';
import { command } from './command.js';
import type { TextTarget } from './command.js';

/** Characters in a line where there is no terminal, and nobody says how many. */
const usualColumns = 80;

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const over = new AbortController();
  const hurry = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second time, nothing is waited for any more but what is to be written.
      if (over.signal.aborted) hurry.abort(signal);
      over.abort(signal);
    });
  }
  let outputFailed = false;
  process.stdout.on('error', (error: Error) => {
    const { code, reason } = systemReason(error);
    // A reader that left, as `head` does, ends the program without a word.
    if (code !== 'EPIPE' && !outputFailed) {
      outputFailed = true;
      process.stderr.write(`mitmdump: cannot write to standard output: ${reason}\n`);
    }
    over.abort();
  });
  process.stderr.on('error', () => undefined);
  const status = await command(argv, {
    out: target(process.stdout),
    err: target(process.stderr),
    standardInput: () => process.stdin,
    clock: systemClock,
    signal: over.signal,
    hurry: hurry.signal,
    strays: (take) => {
      process.on('uncaughtException', take).on('unhandledRejection', take);
      return () => process.off('uncaughtException', take).off('unhandledRejection', take);
    },
    notify: notifySystemd,
  });
  return status === 0 && outputFailed ? 1 : status;
}

function target(stream: NodeJS.WriteStream): TextTarget {
  return {
    write: (text) => stream.write(text),
    isTerminal: stream.isTTY,
    columns: () => Number(process.env['COLUMNS'] ?? 0) || (stream.columns ?? usualColumns),
  };
}

// Not the exit status alone: standard input that is still open would keep the process alive.
process.exit(await main(process.argv.slice(2)));
