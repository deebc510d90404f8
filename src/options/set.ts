/** Options that are given by name and text: `--set NAME=VALUE`, and files. */
import { OptionError } from '../errors.js';
import { longName } from './define.js';
import type { NamedOption, Options } from './define.js';
import { readValue } from './read-value.js';
import { nearest } from './suggest.js';

/** The texts that were given for each name, in order; `undefined` where there was a name alone. */
export type SetTexts = ReadonlyMap<string, readonly (string | undefined)[]>;

/** The name that an option has in files and behind `--set`: `limit_size` for the key `limitSize`. */
export function snakeName({ long }: Pick<NamedOption, 'long'>): string {
  return long.replaceAll('-', '_');
}

/** The name that an option has in files when it has no other than its key: `limit_size` for `limitSize`. */
export function snakeCase(key: string): string {
  return snakeName({ long: longName(key) });
}

/** The key of an option that is called so in files: `limitSize` for `limit_size`. */
export function camelCase(name: string): string {
  return name.replace(/[_-]([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** Takes specs `NAME=VALUE` and `NAME` apart. A value may hold further signs of equality. */
export function splitSets(specs: readonly string[]): SetTexts {
  const found = new Map<string, (string | undefined)[]>();
  for (const spec of specs) {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(spec) ?? [];
    const texts = found.get(name) ?? [];
    texts.push(value);
    found.set(name, texts);
  }
  return found;
}

/**
 * The values that specs give to options, by key. Without a value, a boolean option is true, a list is empty, and what
 * needs no value has none, nor with an empty one. A boolean is turned round by `toggle`; a list gets an item from each spec.
 * @param current the values that options have now, by key
 * @throws {OptionError} for a name that no option has, with one that there is; and for a value that it does not take
 */
export function readSets(
  options: Options,
  specs: readonly string[],
  current: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const byName = new Map(options.list.map((named) => [snakeName(named), named]));
  const values = [...splitSets(specs)].map(([name, texts]) => {
    const named = byName.get(name.replaceAll('-', '_'));
    if (named !== undefined) return [named.key, valueOf(named, texts, current[named.key])] as const;
    const near = nearest(name, byName.keys());
    throw new OptionError(`unknown option ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
  });
  return Object.fromEntries(values);
}

/**
 * The value that texts mean for an option.
 * @param current what it has now
 * @throws {OptionError} when they mean none
 */
export function valueOf(named: NamedOption, texts: readonly (string | undefined)[], current: unknown): unknown {
  const { option } = named;
  const name = snakeName(named);
  if (option.type === 'list') {
    return texts.flatMap((text) => (text === undefined ? [] : [readValue(option, name, text)]));
  }
  const [text] = texts;
  if (texts.length > 1) {
    throw new OptionError(`${name} was given ${String(texts.length)} values: ${texts.map(shown).join(', ')}`);
  }
  if (option.type === 'boolean') {
    if (text === undefined) return true;
    return text === 'toggle' ? current !== true : readValue(option, name, text);
  }
  if (text === undefined && option.default !== undefined) {
    throw new OptionError(`${name} needs a value: ${name}=VALUE`);
  }
  // What has no default needs no value, and an empty one is none; an empty size is a slip.
  if (text === undefined || (text === '' && option.default === undefined && option.type !== 'size')) return undefined;
  return readValue(option, name, option.type === 'integer' || option.type === 'number' ? text.trim() : text);
}

function shown(text: string | undefined): string {
  return text === undefined ? 'none' : JSON.stringify(text);
}
