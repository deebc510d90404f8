/** The values that options have now. They may be changed while the proxy runs, and addons bring options of their own. */
import { checkNames, checkOptions } from '../options/check.js';
import { defineOptions } from '../options/define.js';
import type { Option, Options, OptionTable } from '../options/define.js';
import type { ProxyInput, ProxyValues } from './options.js';
import { proxyOptions } from './options.js';

export class OptionStore {
  private declared: Options = proxyOptions;
  private current: ProxyValues & Readonly<Record<string, unknown>>;
  /** What was given and not left to defaults, also for options that are still to be declared. */
  private given: Readonly<Record<string, unknown>>;

  /**
   * @param input values by key; names that no option has may be declared later, see {@link checkNames}
   * @throws {OptionError} for a value that an option does not take
   */
  constructor(input: ProxyInput & Readonly<Record<string, unknown>> = {}) {
    this.given = { ...input };
    this.current = { ...checkOptions(proxyOptions, this.known(proxyOptions.table)) };
  }

  /** @throws {OptionError} for names that were given and that no option has; it suggests one that there is */
  checkNames(): void {
    checkNames(Object.keys(this.given), this.keys);
  }

  get options(): Options {
    return this.declared;
  }

  /** A new object after each change. */
  get values(): ProxyValues & Readonly<Record<string, unknown>> {
    return this.current;
  }

  /** @throws {TypeError} when there is another option of that name */
  declare(key: string, option: Option): void {
    const { table } = this.declared;
    if (table[key] === option) return;
    if (Object.hasOwn(table, key)) throw new TypeError(`there is an option ${key} already`);
    this.redeclare({ ...table, [key]: option });
  }

  /** Takes an option of an addon away. */
  forget(key: string): void {
    const { [key]: _, ...rest } = this.declared.table;
    this.redeclare(rest);
  }

  /**
   * Changes options.
   * @param changes by key; `undefined` brings the default back
   * @returns the names of those whose value is another one now, and what brings the former values back
   * @throws {OptionError} and changes nothing, for a name or a value that is not valid
   */
  update(changes: Readonly<Record<string, unknown>>): { updated: ReadonlySet<string>; undo: () => void } {
    const { given, current } = this;
    const next = { ...given, ...changes };
    // Each value is checked against its own option.
    const values = checkOptions(this.declared, next as never) as Record<string, unknown>;
    this.given = next;
    this.current = values as typeof current;
    const updated = Object.keys(changes).filter((key) => current[key] !== values[key]);
    return {
      updated: new Set(updated),
      undo: () => {
        this.given = given;
        this.current = current;
      },
    };
  }

  private redeclare(table: OptionTable): void {
    this.declared = defineOptions(table);
    // As in update.
    this.current = checkOptions(this.declared, this.known(table)) as typeof this.current;
  }

  /** What was given for the options of a table. Each value is checked against its own option. */
  private known(table: OptionTable): never {
    return Object.fromEntries(Object.entries(this.given).filter(([key]) => Object.hasOwn(table, key))) as never;
  }

  /** All names. */
  get keys(): readonly string[] {
    return this.declared.list.map(({ key }) => key);
  }
}
