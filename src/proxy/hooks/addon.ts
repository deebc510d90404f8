import type { OptionNaming } from '../../options/check.js';
import type { OptionTable, OptionValues } from '../../options/define.js';
import type { ProxyValues } from '../options.js';
import type { Command } from './command.js';
import type { Commands } from './commands.js';
import type { FlowPort } from './flow-port.js';
import type { HookTable } from './hook-table.js';
import type { Log } from './log.js';

/**
 * What an addon's functions are given besides what the hook is about.
 * @typeParam Own the table of the addon's own options, whose values have types then: `AddonContext<typeof options>`
 */
export interface AddonContext<Own extends OptionTable = Record<never, never>> {
  readonly log: Log;
  /** The values of all options now, those of addons among them. */
  readonly options: ProxyValues & Readonly<Record<string, unknown>> & OptionValues<Own>;
  /** What addons can be asked to do. */
  readonly commands: Commands;
  readonly flows: FlowPort;
  /** Seconds since 1970, with fractions. */
  readonly now: () => number;
  /**
   * Changes options, as `proxy.configure` does. In a function for `configure` it is not to be waited for: one change
   * comes after the other.
   * @param changes by key; `undefined` brings the default back
   * @param nameOf what errors call an option, for whoever knows it by another name than its key
   * @throws {OptionError} when a value is not valid or an addon refuses it: nothing is changed then
   */
  readonly configure: (changes: Readonly<Record<string, unknown>>, nameOf?: OptionNaming) => Promise<void>;
  /** Resolves after so many seconds, or as soon as the proxy stops. */
  readonly wait: (seconds: number) => Promise<void>;
}

/** A function for a hook. The type of a method, so that its context may be one that knows the addon's own options. */
type HookFunction<Subject> = {
  call(subject: Subject, context: AddonContext): unknown;
}['call'];

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
  /**
   * Whether it keeps flows, and changes none: it is called behind the addons that do not, and behind the holding of
   * flows that were intercepted, so that it keeps what became of them.
   */
  readonly keepsFlows?: boolean;
  /**
   * Whether it has nothing to do as things are. While it has not, none of its hooks is called but `load`, `configure`,
   * `running` and `done`: it costs nothing then. It is asked again when options have changed, when addons came or went,
   * and when a command was called.
   */
  isIdle?(context: AddonContext): boolean;
} & { [Hook in keyof HookTable]?: HookFunction<HookTable[Hook]> };
