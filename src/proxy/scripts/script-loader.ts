import type { Option } from '../../options/define.js';
import { camelCase } from '../../options/set.js';
import type { AddonContext } from '../hooks/addon.js';
import type { ArgumentType, Command } from '../hooks/command.js';
import type { Loader } from '../hooks/loader.js';
import { scriptContext } from './script-context.js';
import type { ScriptContext } from './script-context.js';

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
  /** The same by name, as Python has arguments. */
  add_option(declaration: DeclaredOption): void;
  /**
   * As {@link Loader.addCommand}; or with a function, which is given the context and, behind it, the arguments.
   * @param types what the arguments are: `'text'`, `'texts'`, `'flows'`, `'integer'`, `'boolean'`; or as Python writes
   *   it: `'str'`, `'Sequence[str]'`, `'Sequence[flow.Flow]'`, `'int'`, `'bool'`. Default: all are texts.
   * @throws {TypeError} for another type, and when there is another command of that name
   */
  add_command(name: string, command: Command | CommandFunction, types?: readonly string[]): void;
}

/** An option as scripts in Python declare it. */
interface DeclaredOption {
  readonly name: string;
  readonly typespec: unknown;
  readonly default?: unknown;
  readonly help: string;
  readonly choices?: readonly string[] | undefined;
}

/** What a command does. */
type CommandFunction = (context: ScriptContext, ...given: never[]) => unknown;

/**
 * @param words those behind the name of the file
 * @param self what functions are called on
 */
export function scriptLoader(loader: Loader, words: readonly string[], self?: unknown): ScriptLoader {
  return {
    arguments: words,
    addOption: (key, option) => {
      loader.addOption(camelCase(key), option);
    },
    addCommand: (name, command) => {
      loader.addCommand(name, command);
    },
    add_option: (
      first: string | DeclaredOption,
      typespec?: unknown,
      initial?: unknown,
      help: string = '',
      choices?: readonly string[],
    ) => {
      const declared = typeof first === 'object' ? first : { name: first, typespec, default: initial, help, choices };
      if (typeof declared.name !== 'string') throw new TypeError('add_option takes a name, a type, a default and help');
      loader.addOption(camelCase(declared.name), optionOf(declared));
    },
    add_command: (name, command, types) => {
      if (typeof command !== 'function') loader.addCommand(name, command);
      else loader.addCommand(name, commandOf(name, command, types, words, self));
    },
  };
}

function optionOf({ name, typespec, default: initial, help, choices }: DeclaredOption): Option {
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

/** The types of arguments, as Python writes them. */
const argumentTypes: Readonly<Record<string, ArgumentType>> = {
  ...{ text: 'text', texts: 'texts', flows: 'flows', integer: 'integer', boolean: 'boolean' },
  ...{ str: 'text', 'Sequence[str]': 'texts', 'Sequence[flow.Flow]': 'flows', int: 'integer', bool: 'boolean' },
};

function argumentType(command: string, written: string): ArgumentType {
  const plain = written.replaceAll('typing.', '');
  const type = Object.hasOwn(argumentTypes, plain) ? argumentTypes[plain] : undefined;
  if (type !== undefined) return type;
  const known = Object.keys(argumentTypes).slice(0, 5).join(', ');
  throw new TypeError(`the command ${command} has no arguments of the type ${written}, there are ${known}`);
}

function commandOf(
  name: string,
  run: CommandFunction,
  types: readonly string[] | undefined,
  words: readonly string[],
  self: unknown,
): Command {
  // The context comes first.
  const written = types ?? Array.from({ length: Math.max(run.length - 1, 0) }, () => 'text');
  const parameters = written.map((type, index) => ({
    name: `argument${String(index + 1)}`,
    type: argumentType(name, type),
  }));
  const call = (context: AddonContext, ...given: never[]): unknown =>
    run.call(self, scriptContext(context, words), ...given);
  return { help: '', parameters, run: call };
}
