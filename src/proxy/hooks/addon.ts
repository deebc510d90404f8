import type { OptionTable } from '../../options/define.js';
import type { ProxyValues } from '../options.js';
import type { Command } from './command.js';
import type { Commands } from './commands.js';
import type { FlowPort } from './flow-port.js';
import type { HookTable } from './hook-table.js';
import type { Log } from './log.js';

/** What an addon's functions are given besides what the hook is about. */
export interface AddonContext {
  readonly log: Log;
  /** The values of all options now, those of addons among them. */
  readonly options: ProxyValues & Readonly<Record<string, unknown>>;
  /** What addons can be asked to do. */
  readonly commands: Commands;
  readonly flows: FlowPort;
  /** Seconds since 1970, with fractions. */
  readonly now: () => number;
}

/**
 * Sees the traffic, and changes it: an object, or an instance of a class, with a function for each hook that it
 * wants. Functions are called in the order in which addons were added. One that returns a promise is waited for; the
 * traffic of other flows goes on meanwhile. One that throws is named in the log, and the traffic goes on.
 */
export type Addon = {
  /** What the log calls it; the name of its class when absent. */
  readonly name?: string;
  /** Options of its own, by key. */
  readonly options?: OptionTable;
  /** What it does when it is asked to, by the name of the command. */
  readonly commands?: Readonly<Record<string, Command>>;
  /**
   * Whether it may answer any request itself: servers are not connected to then before there is something to send to
   * them. Looked at for each connection.
   */
  readonly keepsServersAway?: boolean;
} & { [Hook in keyof HookTable]?: (subject: HookTable[Hook], context: AddonContext) => unknown };
