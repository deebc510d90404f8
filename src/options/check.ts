/** Options given by code, checked against their table. */
import { OptionError } from '../errors.js';
import type { OptionInput, Options, OptionTable, OptionValues } from './define.js';
import { checkValue, defaultValue } from './read-value.js';
import { nearest } from './suggest.js';

/** How the user knows an option, by its key. */
export type OptionNaming = (key: string) => string;

/**
 * All values of a table: those given, and the defaults of the rest. A value of `undefined` counts as not given.
 * @param nameOf what errors call an option; its key unless told otherwise
 * @throws {OptionError} for a name that the table does not have, or a value that the option does not take
 */
export function checkOptions<T extends OptionTable>(
  options: Options<T>,
  input: OptionInput<T> = {},
  nameOf: OptionNaming = same,
): OptionValues<T> {
  const given = new Map<string, unknown>(Object.entries(input));
  checkNames(
    given.keys(),
    options.list.filter(({ option }) => !isForProgramsOnly(option)).map(({ key }) => key),
    nameOf,
  );
  const values = options.list.map(({ key, option }) => {
    const value = given.get(key);
    const name = nameOf(key);
    return [key, value === undefined ? defaultValue(option, name) : checkValue(option, name, value)];
  });
  // Each value was read by its own option, which is what OptionValues says of it.
  return Object.fromEntries(values) as OptionValues<T>;
}

/** Looks at the names of options alone. @throws {OptionError} for one that is not known; it suggests one that is */
export function checkNames(given: Iterable<string>, known: readonly string[], nameOf: OptionNaming = same): void {
  for (const key of given) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw new OptionError(
      `unknown option ${nameOf(key)}${near === undefined ? '' : `, did you mean ${nameOf(near)}?`}`,
    );
  }
}

function same(key: string): string {
  return key;
}

function isForProgramsOnly(option: OptionTable[string]): boolean {
  return option.programOnly === true || (option.type === 'boolean' && option.standalone === true);
}
