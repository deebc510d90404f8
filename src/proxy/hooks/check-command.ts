import { nearest } from '../../options/suggest.js';
import { argumentTypes } from './command.js';
import type { Command } from './command.js';

/**
 * Types do not bind JavaScript.
 * @throws {TypeError} for what is no command
 */
export function checkCommand(name: string, command: Command): void {
  const given: unknown = command;
  const hint = 'defineCommand makes one';
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`the command ${name} is an object, not ${given === null ? 'null' : typeof given}: ${hint}`);
  }
  const { run, parameters, help }: { run?: unknown; parameters?: unknown; help?: unknown } = given;
  if (typeof run !== 'function') throw new TypeError(`the command ${name} needs a function run: ${hint}`);
  if (typeof help !== 'string') throw new TypeError(`the command ${name} needs help: a text that says what it does`);
  if (!Array.isArray(parameters)) throw new TypeError(`the command ${name} needs a list of parameters: ${hint}`);
  for (const parameter of parameters as readonly unknown[]) checkParameter(name, parameter);
}

function checkParameter(command: string, parameter: unknown): void {
  const { name, type }: { name?: unknown; type?: unknown } = Object(parameter) as object;
  if (typeof name !== 'string') throw new TypeError(`a parameter of the command ${command} needs a name`);
  if (argumentTypes.some((known) => known === type)) return;
  const near = nearest(String(type), argumentTypes);
  const known = near === undefined ? `there are ${argumentTypes.join(', ')}` : `did you mean ${near}?`;
  throw new TypeError(`the parameter ${name} of the command ${command} has no type ${String(type)}, ${known}`);
}
