import type { Option } from '../../options/define.js';
import { camelCase } from '../../options/set.js';
import type { AddonContext } from '../hooks/addon.js';
import type { Command } from '../hooks/command.js';
import type { Loader } from '../hooks/loader.js';

/** What a script may declare while it is loaded. */
export interface ScriptLoader extends Loader {
  /** The words behind the name of the file: `-s "tag.ts blue"`. */
  readonly arguments: readonly string[];
  /**
   * Declares an option as scripts in Python do.
   * @param name in snake case: its value is `options.my_option`, and `options.myOption`
   * @param typespec `Boolean`, `String`, `Number` or `Array`; or as Python writes it: `'bool'`, `'int'`,
   * `'Sequence[str]'`, `'Optional[str]'`
   * @param initial the default; `null` for none
   * @throws {TypeError} for another type, and when there is another option of that name
   */
  add_option(name: string, typespec: unknown, initial: unknown, help: string, choices?: readonly string[]): void;
  /** As {@link Loader.addCommand}; a function is given the words of the command, as texts. */
  add_command(name: string, command: Command | ((...words: string[]) => unknown)): void;
}

export function scriptLoader(loader: Loader, words: readonly string[]): ScriptLoader {
  return {
    arguments: words,
    addOption: (key, option) => {
      loader.addOption(camelCase(key), option);
    },
    addCommand: (name, command) => {
      loader.addCommand(name, command);
    },
    add_option: (name, typespec, initial, help, choices) => {
      loader.addOption(camelCase(name), optionOf(name, typespec, initial, help, choices));
    },
    add_command: (name, command) => {
      loader.addCommand(name, typeof command === 'function' ? commandOf(command) : command);
    },
  };
}

function optionOf(
  name: string,
  typespec: unknown,
  initial: unknown,
  help: string,
  choices?: readonly string[],
): Option {
  const text = String(help);
  const kind = kindOf(typespec);
  if (kind === undefined) {
    throw new TypeError(`the option ${name} is of no known type: Boolean, String, Number, 'int', Array`);
  }
  const given = typeof initial === 'string' || typeof initial === 'number' ? initial : undefined;
  if (choices !== undefined) {
    return { type: 'choice', choices, help: text, ...(given !== undefined && { default: String(given) }) };
  }
  switch (kind) {
    case 'boolean':
      return { type: 'boolean', negatable: true, help: text, default: initial === true };
    case 'list':
      return { type: 'list', help: text, ...(Array.isArray(initial) && { default: initial.map(String) }) };
    case 'integer':
    case 'number':
      return { type: kind, help: text, ...(given !== undefined && { default: Number(given) }) };
    case 'string':
      return { type: 'string', help: text, ...(given !== undefined && { default: String(given) }) };
  }
}

type Kind = 'boolean' | 'string' | 'integer' | 'number' | 'list';

const kinds = new Map<unknown, Kind>([
  [Boolean, 'boolean'],
  ['bool', 'boolean'],
  [String, 'string'],
  ['str', 'string'],
  ['int', 'integer'],
  [Number, 'number'],
  ['float', 'number'],
  [Array, 'list'],
  ['Sequence[str]', 'list'],
]);

function kindOf(typespec: unknown): Kind | undefined {
  const [, inner] = typeof typespec === 'string' ? (/^(?:typing\.)?Optional\[(.*)\]$/.exec(typespec) ?? []) : [];
  const plain = inner ?? (typeof typespec === 'string' ? typespec.replace(/^typing\./, '') : typespec);
  return kinds.get(plain) ?? (Array.isArray(plain) ? 'list' : undefined);
}

function commandOf(run: (...words: string[]) => unknown): Command {
  const parameters = Array.from(
    { length: run.length },
    (_, index) => ({ name: `word${String(index + 1)}`, type: 'text' }) as const,
  );
  // Arguments are texts, as the parameters say.
  return { help: '', parameters, run: (_: AddonContext, ...words: string[]) => run(...words) };
}
