/** Faults that users name: what `fault:NAME` stands for besides the faults that everybody has. */
import { OptionError } from '../errors.js';
import { readSpecFile } from '../net/static-files.js';

/** A name, and the spec that `fault:NAME` stands for. */
export type OwnFault = readonly [name: string, spec: string];

/**
 * Takes `NAME=SPEC` apart at the first `=`.
 * @throws {OptionError} when one of the two is missing
 */
export function readOwnFault(text: string): OwnFault {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  const spec = text.slice(equals + 1);
  if (name === '' || spec.trim() === '') {
    throw new OptionError(`Invalid fault: ${text} (a fault is written NAME=SPEC)`);
  }
  return [name, spec];
}

/**
 * Specs by name, as the language takes them. What names a file stands for the spec in it. Of two of a name
 * the last one holds.
 * @throws {OptionError} when code gave something else than a pair, and when a file cannot be read
 */
export function ownFaults(given: readonly OwnFault[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((fault) => {
      const [name, spec] = Array.isArray(fault) ? (fault as readonly unknown[]) : [];
      if (typeof name !== 'string' || typeof spec !== 'string' || name.trim() === '') {
        throw new OptionError('a fault is a pair of a name and a spec, or the text NAME=SPEC');
      }
      return [name.trim(), readSpecFile(spec) ?? spec];
    }),
  );
}
