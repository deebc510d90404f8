/** What a proxy is started with. */
import type { Clock } from '../net/clock.js';
import type { OptionNaming } from '../options/check.js';
import type { Addon } from './hooks/addon.js';
import type { LogEntry } from './hooks/hook-data.js';
import type { ProxyMode } from './mode.js';
import type { ProxyInput } from './options.js';

/** How a proxy is started: the options of the program in camel case, and what only code can give. */
export interface ProxyOptions extends Omit<ProxyInput, 'mode'> {
  /** How the proxy learns where connections lead. Default: `regular`. */
  readonly mode?: string | ProxyMode | readonly (string | ProxyMode)[] | undefined;
  /** Addons, in the order in which they see the traffic. */
  readonly addons?: readonly Addon[] | undefined;
  /** Values for options that they declare, by key. */
  readonly addonOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Values as text, `NAME=VALUE`, for any option; of those that addons declare while they load, too. */
  readonly settings?: readonly string[] | undefined;
  /** Flows that `proxy.flows()` keeps; the oldest are forgotten first. `Infinity` keeps all. Default: 10,000. */
  readonly keptFlows?: number | undefined;
  /**
   * Bytes of bodies and messages that it keeps. Default: 256 MiB. A connection under way that has more loses its oldest
   * messages, unless it is being recorded.
   */
  readonly keptBytes?: number | undefined;
}

/** What a proxy reaches the outside world by, besides the network. */
export interface ProxyPorts {
  /** Default: the time of the machine. */
  readonly clock?: Clock | undefined;
  /** Gets each line of the log. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
  /** The port of a mode when nobody says which. Default: any that is free. */
  readonly defaultPort?: ((mode: ProxyMode) => number) | undefined;
  /** Ends the waiting for addons that do not finish `running`: the proxy does not start then. */
  readonly signal?: AbortSignal | undefined;
  /** What errors call an option, by its key. Default: the key. */
  readonly optionName?: OptionNaming | undefined;
}

/**
 * Looks at what is no option of the table: types do not bind JavaScript.
 * @throws {TypeError} when it is of the wrong kind
 */
export function checkShape(options: ProxyOptions): void {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(options)) throw new TypeError("the options of a proxy are an object, such as { mode: 'regular' }");
  const { addons, addonOptions } = options;
  if (addons !== undefined && !Array.isArray(addons)) throw new TypeError('addons takes a list of addons');
  if (addonOptions !== undefined && !isObject(addonOptions)) throw new TypeError('addonOptions takes an object');
}
