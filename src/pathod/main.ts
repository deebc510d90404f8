#!/usr/bin/env node
/** The command `pathod`. */
import { createWriteStream, openSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConnectionError, isOwnError, OptionError } from '../errors.js';
import { systemReason } from '../net/system-error.js';
import { expandHome } from '../net/expand-home.js';
import { parseArguments } from '../options/argv.js';
import { usage, usageLine } from '../options/describe.js';
import { version } from '../version.js';
import { Daemon } from './daemon.js';
import { isInBackground, reportToParent, startInBackground } from './daemonize.js';
import type { Report } from './daemonize.js';
import { pathodProgram } from './options.js';
import type { PathodValues } from './options.js';
import { printable } from './text-log.js';
import { TextSink } from './text-sink.js';

/** Milliseconds that the readers of the text log have to take the rest of it when the program ends. */
const patience = 200;

/** A daemon that runs, and how to end it in order. */
interface Running {
  readonly announcement: string;
  end(): Promise<void>;
}

const inBackground = isInBackground();

/** The whole program. @returns its exit status */
async function main(argv: readonly string[]): Promise<number> {
  const ended = new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  });
  try {
    const { values, standalone } = parseArguments(pathodProgram, argv);
    if (standalone !== undefined) return await say({ text: standaloneText(standalone), status: 0 });
    if (values.daemonize && !inBackground) return await say(await startInBackground(argv));
    const running = await start(values);
    await say({ text: running.announcement, status: 0 });
    await ended;
    await running.end();
    return 0;
  } catch (error) {
    if (!isOwnError(error)) throw error;
    return say(complaint(error));
  }
}

async function start(values: PathodValues): Promise<Running> {
  const sinks = openSinks(values);
  const print = (block: string): void => {
    for (const sink of sinks) sink.write(block);
  };
  const { daemonize: _, logFile: _file, pidFile, help: _help, version: _version, ...options } = values;
  const daemon = await Daemon.start(options, { print });
  const removePidFile = await writePidFile(pidFile, daemon);
  // What was relative has been made absolute: the directory that we were started in may go.
  if (inBackground) process.chdir('/');
  return {
    announcement:
      `pathod ${version} listening on ('${daemon.host}', ${String(daemon.port)})\n` +
      `seed ${String(daemon.seed)} (for the same data again: --seed ${String(daemon.seed)})\n`,
    async end() {
      await daemon.stop();
      const over = AbortSignal.timeout(patience);
      await Promise.all(sinks.map((sink) => sink.end(over)));
      removePidFile();
    },
  };
}

/** @throws {OptionError} when the log file cannot be written to */
function openSinks({ logFile }: PathodValues): TextSink[] {
  const sinks = inBackground ? [] : [new TextSink(process.stdout)];
  if (logFile === undefined) return sinks;
  const path = resolve(expandHome(logFile));
  const fd = attempt(`cannot write to log file ${logFile}`, () => openSync(path, 'a'));
  return [...sinks, new TextSink(createWriteStream(path, { fd }))];
}

/** @throws {OptionError} when it cannot be written; the daemon is stopped then */
async function writePidFile(pidFile: string | undefined, daemon: Daemon): Promise<() => void> {
  if (pidFile === undefined) return () => undefined;
  const path = resolve(expandHome(pidFile));
  try {
    attempt(`cannot write pid file ${pidFile}`, () => {
      writeFileSync(path, `${String(process.pid)}\n`);
    });
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return () => {
    rmSync(path, { force: true });
  };
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new OptionError(`${what}: ${systemReason(error).reason}`);
  }
}

function standaloneText(key: string): string {
  return key === 'version' ? `pathod ${version}\n` : usage(pathodProgram, process.stdout.columns);
}

function complaint(error: Error): Report {
  const line = `pathod: error: ${printable(error.message)}\n`;
  if (error instanceof ConnectionError) return { text: line, status: 1 };
  const marked = error instanceof OptionError ? (error.marked?.split('\n') ?? []) : [];
  const place = marked.map((text) => `${printable(text)}\n`).join('');
  return { text: `${usageLine(pathodProgram, process.stderr.columns)}\n${line}${place}`, status: 2 };
}

/** Prints, to the parent when there is one. @returns the status */
async function say(report: Report): Promise<number> {
  if (inBackground) await reportToParent(report);
  else await write(report.status === 0 ? process.stdout : process.stderr, report.text);
  return report.status;
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((done) => {
    // A reader that left is told of by the callback and by `error` both.
    stream.on('error', () => undefined);
    stream.write(text, () => {
      done();
    });
  });
}

// A reader of the text log that stopped reading would keep the process alive.
process.exit(await main(process.argv.slice(2)));
