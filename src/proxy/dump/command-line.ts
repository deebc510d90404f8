/** From a command line to settings: flags, `--set`, old flags, the filter, and the file of the configuration directory. */
import { OptionError } from '../../errors.js';
import { parseArguments } from '../../options/argv.js';
import type { Arguments, WrittenOption } from '../../options/argv.js';
import type { Options, Program } from '../../options/define.js';
import { defineOptions } from '../../options/define.js';
import { camelCase, snakeName, splitSets, valueOf } from '../../options/set.js';
import { nearest } from '../../options/suggest.js';
import { absenceOf } from './absent-options.js';
import { goneFlags, oldFlags, oldKey, otherLetters } from './old-flags.js';

/** What a command line asks for. */
export interface CommandLine {
  /** The option that asks for a text and nothing else: `help`, `version`, `options`, `commands`. */
  readonly standalone: string | undefined;
  /** Values of options, by key. The items of a list stand in the order in which they were written. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What was given with `--set`: `name=value`. What `values` has goes before. */
  readonly settings: readonly string[];
  /** What old flags mean, in the same way, but for items that stand in lists of `values`. */
  readonly oldSettings: readonly string[];
  /** The words of the filter. */
  readonly filter: readonly string[];
  /** Lines for people who still use the flags of mitmproxy 1.0. */
  readonly notes: readonly string[];
}

/** Keys of the options that the filter is for. */
const filterKeys = ['readfileFilter', 'saveStreamFilter', 'dumperFilter'];

/**
 * Reads a command line.
 * @throws {OptionError} with one line that tells what is wrong
 */
export function readCommandLine(program: Program, argv: readonly string[]): CommandLine {
  refuseGone(argv);
  const read = parseArguments(program, argv);
  const old = readOldFlags(read);
  const { list } = program.options;
  const settable = list.filter(({ option: { programOnly } }) => programOnly !== true);
  const given = settable.filter(({ key }) => read.given.has(key)).map(({ key }) => [key, read.values[key]]);
  const mixed = mixedLists(program.options, read, old.settings);
  const filter = read.operands;
  const words = filter.length === 0 ? [] : filterKeys.map((key) => [key, filter.join(' ')]);
  return {
    standalone: read.standalone ?? ['options', 'commands'].find((key) => read.values[key] === true),
    // What was given in so many words goes before what is only implied.
    values: Object.fromEntries([...loudness(read), ...words, ...given, ...mixed]) as CommandLine['values'],
    // The table declares it as a list of texts.
    settings: read.values['set'] as readonly string[],
    oldSettings: old.settings.filter(({ key }) => !mixed.has(key)).map(({ text }) => text),
    filter,
    notes: old.notes,
  };
}

/** Settings that were read. */
export interface ReadSettings {
  /** By key. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Those whose names no option has. */
  readonly unknown: readonly string[];
  /** Names of options that do nothing here, see {@link absenceOf}. */
  readonly absent: readonly string[];
}

/**
 * The values that settings give to options, by key; and the settings of names that no option has.
 * @param settings as behind `--set`
 * @param current values that options have before, by key
 * @throws {OptionError} for a value that an option does not take
 */
export function readSettings(
  options: Options,
  settings: readonly string[],
  current: Readonly<Record<string, unknown>> = {},
): ReadSettings {
  const byName = new Map(options.list.map((named) => [snakeName(named), named]));
  const unknown: string[] = [];
  const absent: string[] = [];
  const values: [string, unknown][] = [];
  for (const [written, texts] of splitSets(settings)) {
    const name = written.replaceAll('-', '_');
    const named = byName.get(name);
    if (name === '') throw new OptionError('a setting has a name: NAME or NAME=VALUE');
    if (named !== undefined)
      values.push([named.key, valueOf(named, texts, current[named.key] ?? named.option.default)]);
    else if (absenceOf(name) !== undefined) absent.push(name);
    else unknown.push(...texts.map((text) => (text === undefined ? name : `${name}=${text}`)));
  }
  return { values: Object.fromEntries(values), unknown, absent };
}

/**
 * @param path of the file in which they stand, if in any
 * @throws {OptionError} for the first of these settings, with an option that there is
 */
export function refuseUnknown(options: Options, unknown: readonly string[], path?: string): void {
  const [first] = unknown;
  if (first === undefined) return;
  const name = first.replace(/=.*/s, '');
  const near = nearest(name, options.list.map(snakeName));
  const place = path === undefined ? '' : `${path}: `;
  throw new OptionError(`${place}unknown option ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
}

function loudness({ values }: Arguments<Program['options']['table']>): [string, unknown][] {
  if (values['quiet'] === true) return Object.entries({ termlogVerbosity: 'error', flowDetail: 0 });
  if (values['verbose'] === true) return Object.entries({ termlogVerbosity: 'debug', flowDetail: 2 });
  return [];
}

/** What an old flag means. */
interface OldSetting {
  /** `name=value` */
  readonly text: string;
  /** The key of the option. */
  readonly key: string;
  /** Where the flag stands among those that were written. */
  readonly at: number;
}

function readOldFlags({ written, values }: Arguments<Program['options']['table']>): {
  readonly settings: readonly OldSetting[];
  readonly notes: readonly string[];
} {
  const settings: OldSetting[] = [];
  const notes: string[] = [];
  for (const flag of oldFlags) {
    const key = oldKey(flag);
    const uses = placesOf(key, written);
    const [first] = uses;
    if (first === undefined) continue;
    // A list of texts when it takes values. What takes none means one thing, however often it is given.
    const given =
      flag.takes === undefined ? [uses.map(() => '')] : (values[key] as readonly string[]).map((text) => [text]);
    for (const [nth, texts] of given.entries()) {
      const at = uses[nth] ?? first;
      settings.push(...flag.settings(texts).map((text) => ({ text, key: camelCase(text.replace(/=.*/s, '')), at })));
    }
    notes.push(`${written[first]?.name ?? ''} is a flag of mitmproxy 1.0: today it is ${flag.today}`);
  }
  const letters = new Set(written.map(({ name }) => name));
  return {
    settings: settings.toSorted((one, other) => one.at - other.at),
    notes: [...notes, ...[...letters].flatMap((name) => otherLetters[name] ?? [])],
  };
}

/** The lists that have items from flags of today and from old ones, by key: in the order in which they were written. */
function mixedLists(
  { list }: Options,
  { written, values, given }: Arguments<Program['options']['table']>,
  old: readonly OldSetting[],
): ReadonlyMap<string, readonly unknown[]> {
  const lists = list.flatMap((named): [string, readonly unknown[]][] => {
    const { key, option } = named;
    const theirs = old.filter((setting) => setting.key === key);
    if (option.type !== 'list' || !given.has(key) || theirs.length === 0) return [];
    const places = placesOf(key, written);
    const items = [
      ...(values[key] as readonly unknown[]).map((item, nth) => ({ item: [item], at: places[nth] ?? 0 })),
      ...theirs.map(({ text, at }) => ({ item: valueOf(named, [text.replace(/^[^=]*=/, '')], undefined), at })),
    ];
    return [[key, items.toSorted((one, other) => one.at - other.at).flatMap(({ item }) => item)]];
  });
  return new Map(lists);
}

/** Where an option stands among those that were written. */
function placesOf(key: string, written: readonly WrittenOption[]): readonly number[] {
  return written.flatMap((option, at) => (option.key === key ? [at] : []));
}

/** @throws {OptionError} for a flag that nothing stands for any more */
function refuseGone(argv: readonly string[]): void {
  for (const argument of argv) {
    if (argument === '--') return;
    const name = argument.replace(/=.*/s, '');
    if (!Object.hasOwn(goneFlags, name)) continue;
    throw new OptionError(`${name} of mitmproxy 1.0 is gone: ${goneFlags[name] ?? ''}`);
  }
}

/** The options that may be set, without those of the command line alone. */
export function settableIn({ options }: Program): Options {
  return defineOptions(
    Object.fromEntries(
      options.list
        .filter(
          ({ option }) => option.programOnly !== true && !(option.type === 'boolean' && option.standalone === true),
        )
        .map(({ key, option }) => [key, option]),
    ),
  );
}
