/**
 * The notation of options that change some of the traffic: `[/FILTER]/SUBJECT/REPLACEMENT`. The first character
 * separates, whatever it is.
 */
import { FilterError, isError, OptionError, PatternError } from '../../errors.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';

/** A rule as it was written, taken apart. */
export interface Rule {
  /** The expression for the flows that it is for; `~all` when there is none. */
  readonly filter: string;
  readonly matches: FlowFilter;
  readonly subject: string;
  /** May hold the separator. */
  readonly replacement: string;
}

/**
 * Takes a rule apart.
 * @throws {TypeError} when parts are missing
 * @throws {FilterError} when the filter is not valid
 */
export function readRule(text: string): Rule {
  const [first = '', second, ...rest] = partsOf(text);
  if (second === undefined) throw new TypeError('it takes two or three parts: [/FILTER]/SUBJECT/REPLACEMENT');
  const hasFilter = rest.length > 0;
  const filter = hasFilter ? first : '~all';
  const [subject, replacement] = hasFilter ? [second, rest.join(text.charAt(0))] : [first, second];
  return { filter, matches: compileFilter(filter), subject, replacement };
}

/** The parts of a rule, between its separators. */
export function partsOf(rule: string): readonly string[] {
  return rule.slice(1).split(rule.charAt(0));
}

/**
 * Reads the rules of an option.
 * @throws {OptionError} for one that is not valid; it names the option and the rule
 */
export function readRules<T>(option: string, rules: readonly string[], read: (rule: string) => T): readonly T[] {
  return rules.map((rule) => {
    try {
      return read(rule);
    } catch (error) {
      const reason = isError(error) ? error.message : String(error);
      const isMarked = error instanceof FilterError || error instanceof PatternError;
      throw new OptionError(`${option} does not take ${rule}: ${reason}`, isMarked ? error.marked() : undefined);
    }
  });
}
