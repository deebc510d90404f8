/** The command line, from arguments to exit status. */
import { createWriteStream, openSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { ConnectionError, isOwnError, OptionError } from '../errors.js';
import { expandHome } from '../net/expand-home.js';
import { onAbort } from '../net/on-abort.js';
import { systemReason } from '../net/system-error.js';
import { parseArguments } from '../options/argv.js';
import { usage, usageLine } from '../options/describe.js';
import { version } from '../version.js';
import { Daemon } from './daemon.js';
import { pathodProgram } from './options.js';
import type { DaemonOptions, PathodValues } from './options.js';
import { printable } from './text-log.js';
import { TextSink } from './text-sink.js';

/** What a command line is carried out with. */
export interface CommandPorts {
  readonly out: Writable;
  /** Prints what the command has to say, to `out` when its status is 0, and elsewhere when it is not. */
  readonly say: (report: Report) => Promise<void>;
  /** Ends the daemon in order. */
  readonly signal: AbortSignal;
  /** Width of the terminal, when there is one. */
  readonly columns?: number | undefined;
  /** Does the same in the background, until it listens; absent when this is the background. */
  readonly startInBackground?: ((argv: readonly string[]) => Promise<Report>) | undefined;
}

/** What the command says, and the exit status that goes with it. */
export interface Report {
  readonly text: string;
  readonly status: number;
}

/** Milliseconds that the readers of the text log have to take the rest of it when the daemon ends. */
const patience = 200;

/**
 * Does what a command line says; a daemon until the signal aborts.
 * @param argv the arguments alone, without node and the name of the script
 * @returns the exit status
 */
export async function command(argv: readonly string[], ports: CommandPorts): Promise<number> {
  const report = async (said: Report): Promise<number> => {
    await ports.say(said);
    return said.status;
  };
  try {
    const { values, standalone } = parseArguments(pathodProgram, argv);
    if (standalone !== undefined) return await report({ text: standaloneText(standalone, ports.columns), status: 0 });
    if (values.daemonize && ports.startInBackground) return await report(await ports.startInBackground(argv));
    await serve(values, ports);
    return 0;
  } catch (error) {
    if (!isOwnError(error)) throw error;
    return report(complaint(error, ports.columns));
  }
}

async function serve(values: PathodValues, ports: CommandPorts): Promise<void> {
  const sinks = openSinks(values, ports);
  const print = (block: string): void => {
    for (const sink of sinks) sink.write(block);
  };
  const daemon = await Daemon.start(daemonOptions(values), { print });
  try {
    const removePidFile = writePidFile(values.pidFile);
    await ports.say({ text: announcement(daemon), status: 0 });
    await new Promise<void>((end) => onAbort(ports.signal, end));
    removePidFile();
  } finally {
    await daemon.stop();
    await Promise.all(sinks.map((sink) => sink.end(AbortSignal.timeout(patience))));
  }
}

function announcement({ host, port, seed }: Daemon): string {
  const again = `for the same data again: --seed ${String(seed)}`;
  return `pathod ${version} listening on ('${host}', ${String(port)})\nseed ${String(seed)} (${again})\n`;
}

/** The options that a daemon knows; the others are for the program alone. */
function daemonOptions(values: PathodValues): DaemonOptions {
  const {
    daemonize: _daemonize,
    pidFile: _pidFile,
    logFile: _logFile,
    help: _help,
    version: _version,
    ...own
  } = values;
  return own;
}

/** @throws {OptionError} when the log file cannot be written to */
function openSinks({ logFile }: PathodValues, { out, startInBackground }: CommandPorts): TextSink[] {
  const sinks = startInBackground ? [new TextSink(out)] : [];
  if (logFile === undefined) return sinks;
  const path = resolve(expandHome(logFile));
  const fd = attempt(`cannot write to log file ${logFile}`, () => openSync(path, 'a'));
  return [...sinks, new TextSink(createWriteStream(path, { fd }))];
}

/** @returns removes it again @throws {OptionError} when it cannot be written */
function writePidFile(pidFile: string | undefined): () => void {
  if (pidFile === undefined) return () => undefined;
  const path = resolve(expandHome(pidFile));
  attempt(`cannot write pid file ${pidFile}`, () => {
    writeFileSync(path, `${String(process.pid)}\n`);
  });
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

function standaloneText(key: string, columns: number | undefined): string {
  return key === 'version' ? `pathod ${version}\n` : usage(pathodProgram, columns);
}

function complaint(error: Error, columns: number | undefined): Report {
  const line = `pathod: error: ${printable(error.message)}\n`;
  if (error instanceof ConnectionError) return { text: line, status: 1 };
  const marked = error instanceof OptionError ? (error.marked?.split('\n') ?? []) : [];
  const place = marked.map((text) => `${printable(text)}\n`).join('');
  return { text: `${usageLine(pathodProgram, columns)}\n${line}${place}`, status: 2 };
}
