import { OptionError } from '../../errors.js';
import { nearest } from '../../options/suggest.js';
import { BaseFlow } from '../flow/base-flow.js';
import type { AddonContext } from './addon.js';
import type { ArgumentTypes, Command, CommandParameter } from './command.js';

/** The commands that addons have declared, by name. */
export class Commands {
  private readonly byName = new Map<string, Command>();

  private tell: () => void = () => undefined;

  /** @param context what commands are given */
  constructor(private readonly context: () => AddonContext) {}

  /** The commands, in the order in which they were declared. */
  get all(): ReadonlyMap<string, Command> {
    return this.byName;
  }

  /** Has somebody told whenever a command has done what it does. */
  onCalled(listener: () => void): void {
    this.tell = listener;
  }

  /** @throws {TypeError} when there is another command of that name */
  declare(name: string, command: Command): void {
    const known = this.byName.get(name);
    if (known !== undefined && known !== command) throw new TypeError(`there is a command ${name} already`);
    this.byName.set(name, command);
  }

  /** Takes a command away. */
  forget(name: string): void {
    this.byName.delete(name);
  }

  /**
   * Calls a command.
   * @returns what it gives, perhaps a promise
   * @throws {OptionError} when there is no such command, or it does not take these arguments
   * @throws what the command throws
   */
  call(name: string, ...given: readonly unknown[]): unknown {
    const command = this.byName.get(name);
    if (command === undefined) {
      const near = nearest(name, this.byName.keys());
      throw new OptionError(`unknown command ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
    }
    const { parameters } = command;
    const least = parameters.filter(({ optional }) => optional !== true).length;
    if (given.length < least || given.length > parameters.length) {
      const names = parameters.map(({ name: parameter, optional }) =>
        optional === true ? `[${parameter}]` : parameter,
      );
      throw new OptionError(`usage: ${[name, ...names].join(' ')}`);
    }
    const context = this.context();
    const values = parameters.map((parameter, i) => argument(name, parameter, given[i], context));
    // Each was read as what its parameter says.
    const outcome = command.run(context, ...(values as never));
    if (outcome instanceof Promise) return outcome.finally(this.tell);
    this.tell();
    return outcome;
  }
}

function argument(
  command: string,
  { name, type, optional }: CommandParameter,
  given: unknown,
  context: AddonContext,
): unknown {
  if (given === undefined && optional === true) return undefined;
  const value = readers[type](given, context);
  if (value === undefined) throw new OptionError(`${command} takes ${words[type]} as ${name}`);
  return value;
}

const words: Readonly<Record<keyof ArgumentTypes, string>> = {
  flows: 'flows or a filter expression',
  text: 'text',
  texts: 'texts',
  integer: 'a whole number',
  boolean: 'true or false',
};

type Reader<T> = (given: unknown, context: AddonContext) => T | undefined;

const readers: { readonly [K in keyof ArgumentTypes]: Reader<ArgumentTypes[K]> } = {
  flows: (given, { flows }) => {
    if (typeof given === 'string') return flows.list(given);
    // Whatever extends BaseFlow is one of the flows.
    const isFlows = Array.isArray(given) && given.every((flow: unknown) => flow instanceof BaseFlow);
    return isFlows ? (given as unknown as ArgumentTypes['flows']) : undefined;
  },
  text: (given) => (typeof given === 'string' ? given : undefined),
  texts: (given) => {
    if (typeof given === 'string') return given.split(',');
    return Array.isArray(given) ? given.map(String) : undefined;
  },
  integer: (given) => {
    const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
  },
  boolean: (given) => (given === 'true' ? true : given === 'false' ? false : asBoolean(given)),
};

function asBoolean(given: unknown): boolean | undefined {
  return typeof given === 'boolean' ? given : undefined;
}
