import { camelCase, snakeCase } from '../../options/set.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { HookName, HookTable } from '../hooks/hook-table.js';

/** What the functions of a script are given besides what the hook is about. */
export interface ScriptContext extends AddonContext {
  /** The words behind the name of the file: `-s "tag.ts blue"`. */
  readonly arguments: readonly string[];
}

/**
 * The type of a function for a hook: `export const request: Hook<'request'> = (flow, ctx) => { ... }`.
 * It may be a method of an {@link Addon} as well.
 */
export type Hook<H extends HookName> = (subject: HookTable[H], context: ScriptContext) => unknown;

/**
 * The context of a script. Its options are known by their names in files as well: `options.my_option`.
 * @param given what any addon is given
 */
export function scriptContext(given: AddonContext, words: readonly string[]): ScriptContext {
  let [of, options] = [given.options, bothNames(given.options)];
  const configure: AddonContext['configure'] = (changes) => {
    const written = writtenNames(changes);
    return given.configure(camelCaseKeys(changes), (key) => written.get(key) ?? snakeCase(key));
  };
  const own = {
    arguments: { value: words, enumerable: true },
    configure: { value: configure, enumerable: true },
    options: {
      enumerable: true,
      get: () => {
        // There is another object after each change.
        if (of !== given.options) [of, options] = [given.options, bothNames(given.options)];
        return options;
      },
    },
  };
  // It has what the other has, and what is defined here.
  return Object.create(given, own) as ScriptContext;
}

/** Names of options that were changed; asked in either spelling. */
export class OptionNames extends Set<string> {
  override has(name: string): boolean {
    return super.has(name) || super.has(camelCase(name));
  }
}

function camelCaseKeys(changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // Whoever changes options says what is wrong with anything else.
  if (typeof changes !== 'object' || (changes as unknown) === null) return changes;
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [camelCase(name), value]));
}

/** The names of options as they were given, by key. */
function writtenNames(changes: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(Object.keys(Object(changes) as object).map((name) => [camelCase(name), name]));
}

function bothNames<T extends object>(values: T): T {
  return new Proxy(values, {
    get: (target, name) =>
      Reflect.get(target, typeof name === 'string' && !(name in target) ? camelCase(name) : name) as unknown,
    has: (target, name) =>
      Reflect.has(target, name) || (typeof name === 'string' && Reflect.has(target, camelCase(name))),
  });
}

/** The function of an addon for a hook, whatever it is about. */
export type AnyHook = NonNullable<Addon[HookName]>;
