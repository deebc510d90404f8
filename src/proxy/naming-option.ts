import { OptionError } from '../errors.js';

/**
 * Does something with what an option says. An error tells the option as well: a file alone does not say what it is for.
 * @param option as programs write it
 * @throws {OptionError} that of `act`, with the name of the option before it
 */
export async function namingOption<T>(option: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${option}: ${error.message}`, error.marked);
  }
}
