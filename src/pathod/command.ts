/** The command line, from arguments to exit status. */
import { createWriteStream, openSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { ConnectionError, isOwnError, OptionError } from '../errors.js';
import { expandHome } from '../net/expand-home.js';
import { onAbort } from '../net/on-abort.js';
import { systemReason } from '../net/system-error.js';
import { parseArguments } from '../options/argv.js';
import { usage } from '../options/describe.js';
import { version } from '../version.js';
import { Daemon } from './daemon.js';
import { faultList } from './fault-list.js';
import { pathodProgram } from './options.js';
import type { DaemonOptions, PathodValues } from './options.js';
import { writePidFile } from './pid-file.js';
import { printable } from './text-log.js';
import { TextSink } from './text-sink.js';

/** What a command line is carried out with. */
export interface CommandPorts {
  readonly out: Writable;
  /** Prints what the command has to say, to `out` when its status is 0, and elsewhere when it is not. */
  readonly say: (report: Report) => Promise<void>;
  /** Prints a line about something that failed while the daemon goes on. */
  readonly warn: (line: string) => void;
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

/** Where mitmproxy keeps its authority, so that clients which trust that one need no further step. */
const defaultDirectory = '~/.mitmproxy';

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
    if (standalone !== undefined) {
      return await report({ text: await standaloneText(standalone, values, ports.columns), status: 0 });
    }
    if (values.daemonize && ports.startInBackground) return await report(await ports.startInBackground(argv));
    return await serve(values, ports);
  } catch (error) {
    if (!isOwnError(error)) throw error;
    return report(complaint(error));
  }
}

/** @returns 1 when the log file could not be written to the end */
async function serve(values: PathodValues, ports: CommandPorts): Promise<number> {
  let status = 0;
  const logFile = openLogFile(values, (line) => {
    status = 1;
    ports.warn(line);
  });
  // Without a terminal there is nobody to read the other one.
  const sinks = [...(ports.startInBackground ? [new TextSink(ports.out)] : []), ...(logFile ? [logFile] : [])];
  const print = (block: string): void => {
    for (const sink of sinks) sink.write(block);
  };
  const notice = (text: string): void => {
    ports.warn(line(text));
  };
  const daemon = await Daemon.start(daemonOptions(values), { print, notice });
  try {
    const { pidFile } = values;
    const removePidFile = pidFile === undefined ? undefined : writePidFile(absolute(pidFile), pidFile);
    const seedLine = daemon.usesChance ? seedText(daemon) : '';
    if (seedLine !== '') logFile?.write(seedLine);
    await ports.say({ text: announcement(daemon) + seedLine, status: 0 });
    await new Promise<void>((end) => onAbort(ports.signal, end));
    removePidFile?.();
  } finally {
    await daemon.stop();
    await Promise.all(sinks.map((sink) => sink.end(AbortSignal.timeout(patience))));
  }
  return status;
}

function announcement({ host, port }: Daemon): string {
  return `pathod ${version} listening on ('${host}', ${String(port)})\n`;
}

function seedText({ seed }: Daemon): string {
  return `seed ${String(seed)} (for the same data again: --seed ${String(seed)})\n`;
}

/** The options that a daemon knows; the others are for the program alone. */
function daemonOptions(values: PathodValues): DaemonOptions {
  const {
    daemonize: _daemonize,
    pidFile: _pidFile,
    logFile: _logFile,
    faults: _faults,
    help: _help,
    version: _version,
    ...own
  } = values;
  return { ...own, confdir: own.confdir ?? defaultDirectory };
}

/** @throws {OptionError} when the log file cannot be opened */
function openLogFile({ logFile }: PathodValues, warn: (line: string) => void): TextSink | undefined {
  if (logFile === undefined) return undefined;
  const path = absolute(logFile);
  const lead = `cannot write to log file ${logFile}`;
  try {
    const stream = createWriteStream(path, { fd: openSync(path, 'a') });
    return new TextSink(stream, (error) => {
      warn(line(`${lead}: ${systemReason(error).reason}; it ends here`));
    });
  } catch (error) {
    throw new OptionError(`${lead}: ${systemReason(error).reason}`);
  }
}

function absolute(path: string): string {
  return resolve(expandHome(path));
}

async function standaloneText(key: string, values: PathodValues, columns: number | undefined): Promise<string> {
  if (key === 'faults') return faultList(values);
  return key === 'version' ? `pathod ${version}\n` : usage(pathodProgram, columns);
}

function complaint(error: Error): Report {
  const text = line(error.message);
  if (error instanceof ConnectionError) return { text, status: 1 };
  const marked = error instanceof OptionError ? (error.marked?.split('\n') ?? []) : [];
  return { text: text + marked.map((place) => `${printable(place)}\n`).join(''), status: 2 };
}

function line(message: string): string {
  return `pathod: ${printable(message)}\n`;
}
