/** Commands: what addons do when they are asked to, by other addons, by code, or by a person. */
import type { Flow } from '../flow/flow.js';
import type { AddonContext } from './addon.js';

/** What arguments may be, by the name of their type. */
export interface ArgumentTypes {
  /** Flows; or a filter expression, which stands for those that are kept and match. */
  readonly flows: readonly Flow[];
  readonly text: string;
  /** Texts; or one, with commas between. */
  readonly texts: readonly string[];
  /** A whole number, or its text. */
  readonly integer: number;
  /** A boolean, or its text. */
  readonly boolean: boolean;
}

export type ArgumentType = keyof ArgumentTypes;

/** The names of these types. */
export const argumentTypes: readonly ArgumentType[] = ['flows', 'text', 'texts', 'integer', 'boolean'];

/** An argument of a command. */
export interface CommandParameter {
  readonly name: string;
  readonly type: ArgumentType;
  /** May be left out; only behind those that may not. */
  readonly optional?: boolean;
}

/** The values of parameters, in their order. */
export type ArgumentsOf<P extends readonly CommandParameter[]> = {
  readonly [I in keyof P]: P[I] extends { readonly optional: true }
    ? ArgumentTypes[P[I]['type']] | undefined
    : ArgumentTypes[P[I]['type']];
};

/** A command. */
export interface Command {
  readonly help: string;
  readonly parameters: readonly CommandParameter[];
  /** Arguments are of the types of the parameters. */
  readonly run: (context: AddonContext, ...values: never) => unknown;
}

/** Declares a command: the types of the arguments follow from the parameters. */
export function defineCommand<const P extends readonly CommandParameter[]>(
  parameters: P,
  help: string,
  run: (context: AddonContext, ...values: ArgumentsOf<P>) => unknown,
): Command {
  return { parameters, help, run };
}
