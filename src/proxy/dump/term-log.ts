import type { OptionTable } from '../../options/define.js';
import { ownOptions } from '../addons/own-options.js';
import { formatAddress } from '../../net/format-address.js';
import type { Address, ClientConnection } from '../flow/connection.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { logLevels } from '../hooks/hook-data.js';
import type { LogEntry, LogLevel, ServerConnectionData } from '../hooks/hook-data.js';
import { showServer } from '../show-address.js';
import { plainPaint, terminalPaint } from './paint.js';
import type { Look } from './paint.js';

const table = {
  termlogVerbosity: {
    type: 'choice',
    choices: logLevels,
    default: 'info',
    group: 'Output',
    help: 'The least grave lines of the log that are printed.',
  },
} as const satisfies OptionTable;

/** Where lines of the log are printed. */
export interface LogTarget {
  /** Takes a line with its end. */
  write(line: string): unknown;
  /** Whether it shows colours. */
  readonly isTerminal: boolean;
}

const looks: Readonly<Partial<Record<LogLevel, Look>>> = {
  error: { colour: 'red' },
  warn: { colour: 'yellow' },
  alert: { colour: 'magenta' },
};

/**
 * An addon that prints the log: errors to one target, everything else to another; and who connects to whom. The proxy
 * is given {@link write}, so that nothing is missed that is said before all addons are there.
 */
export class TermLog implements Addon {
  readonly name = 'termlog';
  readonly options = table;

  /** @param verbosity the least grave lines, until the options are known */
  constructor(
    private readonly out: LogTarget,
    private readonly err: LogTarget,
    public verbosity: LogLevel = table.termlogVerbosity.default,
  ) {}

  configure(_: ReadonlySet<string>, context: AddonContext): void {
    this.verbosity = ownOptions(table, context).termlogVerbosity;
  }

  /** Prints a line of the log. */
  write({ level, message }: Pick<LogEntry, 'level' | 'message'>): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.verbosity)) return;
    const target = level === 'error' ? this.err : this.out;
    const paint = target.isTerminal ? terminalPaint : plainPaint;
    target.write(`${paint(printable(message), looks[level] ?? {})}\n`);
  }

  clientConnected(client: ClientConnection, { log }: AddonContext): void {
    log.info(`${nameOf(client.peername)}: client connect`);
  }

  clientDisconnected(client: ClientConnection, { log }: AddonContext): void {
    log.info(`${nameOf(client.peername)}: client disconnect`);
  }

  serverDisconnected({ client, server }: ServerConnectionData, { log }: AddonContext): void {
    log.info(`${nameOf(client.peername)}: server disconnect ${showServer(server)}`);
  }
}

function nameOf(address: Address | undefined): string {
  return address === undefined ? 'somebody' : formatAddress(...address);
}

/** Text that a terminal obeys in nothing. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '.');
}
