/** The values that options have now. They may be changed while the proxy runs, and addons bring options of their own. */
import { OptionError } from '../errors.js';
import { checkNames, checkOptions } from '../options/check.js';
import type { OptionNaming } from '../options/check.js';
import { defineOptions } from '../options/define.js';
import type { Option, Options, OptionTable } from '../options/define.js';
import { snakeCase, snakeName, splitSets, valueOf } from '../options/set.js';
import { nearest } from '../options/suggest.js';
import type { ProxyInput, ProxyValues } from './options.js';
import { proxyOptions } from './options.js';

export class OptionStore {
  private declared: Options = proxyOptions;
  private current: ProxyValues & Readonly<Record<string, unknown>>;
  /** What was given and not left to defaults, also for options that are still to be declared. */
  private given: Readonly<Record<string, unknown>>;
  /** What was given as text, by name, for options that are still to be declared. */
  private readonly texts: Map<string, readonly (string | undefined)[]>;

  /**
   * @param input values by key; names that no option has may be declared later, see {@link checkNames}
   * @param settings further values, as `NAME=VALUE`; `input` goes before
   * @param nameOf what errors call an option that was given by its key, or by nobody
   * @throws {OptionError} for a value that an option does not take
   */
  constructor(
    input: ProxyInput & Readonly<Record<string, unknown>> = {},
    settings: readonly string[] = [],
    readonly nameOf: OptionNaming = (key) => key,
  ) {
    this.given = { ...input };
    this.texts = new Map(splitSets(settings));
    this.readTexts();
    // Each value is checked against its own option, here and below.
    this.current = { ...checkOptions(proxyOptions, known(proxyOptions.table, this.given) as never, nameOf) };
  }

  /**
   * @param others keys of options that are still to be declared
   * @throws {OptionError} for names that were given and that no option has; it suggests one that there is
   */
  checkNames(others: readonly string[] = []): void {
    checkNames(Object.keys(this.given), [...this.keys, ...others], this.nameOf);
    const coming = others.map(snakeCase);
    const names = [...this.declared.list.map(snakeName), ...coming];
    for (const name of this.texts.keys()) {
      if (names.includes(name)) continue;
      const near = nearest(name, names);
      throw new OptionError(`unknown option ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
    }
  }

  /** @throws {OptionError} for keys that no option has now; it suggests one that there is */
  checkDeclared(keys: readonly string[], nameOf: OptionNaming = this.nameOf): void {
    checkNames(keys, this.keys, nameOf);
  }

  get options(): Options {
    return this.declared;
  }

  /** A new object after each change. */
  get values(): ProxyValues & Readonly<Record<string, unknown>> {
    return this.current;
  }

  /**
   * @throws {TypeError} when there is another option of that name
   * @throws {OptionError} for a value that was given and that it does not take; it is not declared then
   */
  declare(key: string, option: Option): void {
    const { table } = this.declared;
    if (table[key] === option) return;
    if (Object.hasOwn(table, key)) throw new TypeError(`there is an option ${this.nameOf(key)} already`);
    this.redeclare({ ...table, [key]: option });
  }

  /** Lets another declaration stand for an option. Its value stays. @throws {OptionError} when it does not take that */
  exchange(key: string, option: Option): void {
    this.redeclare({ ...this.declared.table, [key]: option });
  }

  /** Takes an option of an addon away. */
  forget(key: string): void {
    const { [key]: _, ...rest } = this.declared.table;
    this.redeclare(rest);
  }

  /**
   * Changes options.
   * @param changes by key; `undefined` brings the default back
   * @param areDeclaredLater whether names that no option has are kept until they are declared, see {@link checkDeclared}
   * @param nameOf what errors call an option
   * @returns the names of those whose value is another one now, and what brings the former values back
   * @throws {OptionError} and changes nothing, for a name or a value that is not valid
   */
  update(
    changes: Readonly<Record<string, unknown>>,
    areDeclaredLater = false,
    nameOf: OptionNaming = this.nameOf,
  ): { updated: ReadonlySet<string>; undo: () => void } {
    const { given, current } = this;
    const next = { ...given, ...changes };
    // What was given for options that are not there now may wait.
    const { table } = this.declared;
    const asked = { ...known(table, given), ...(areDeclaredLater ? known(table, changes) : changes) };
    const values = checkOptions(this.declared, asked as never, nameOf) as Record<string, unknown>;
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

  /** @throws {OptionError} and declares nothing, for a value that was given and that a new option does not take */
  private redeclare(table: OptionTable): void {
    const { declared } = this;
    try {
      this.declared = defineOptions(table);
      this.readTexts();
      const given = known(table, this.given);
      this.current = checkOptions(this.declared, given as never, this.nameOf) as typeof this.current;
    } catch (error) {
      this.declared = declared;
      throw error;
    }
  }

  /** Reads what was given as text for options that are declared by now. */
  private readTexts(): void {
    if (this.texts.size === 0) return;
    for (const named of this.declared.list) {
      const name = snakeName(named);
      const texts = this.texts.get(name);
      if (texts === undefined) continue;
      if (!(named.key in this.given)) {
        this.given = { ...this.given, [named.key]: valueOf(named, texts, named.option.default) };
      }
      this.texts.delete(name);
    }
  }

  /** All names. */
  get keys(): readonly string[] {
    return this.declared.list.map(({ key }) => key);
  }
}

/** What was given for the options of a table. */
function known(table: OptionTable, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(table, key)));
}
