/** Faults that users name: what `fault:NAME` stands for besides the faults that everybody has. */
import { OptionError } from '../errors.js';
import { faultKey } from '../language/named-fault.js';
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
 * Specs by name, as the language takes them. What names a file stands for the spec in it.
 * @throws {OptionError} when code gave something else than a pair, when two have the same name, and when a file
 *   cannot be read
 */
export function ownFaults(given: readonly OwnFault[]): Readonly<Record<string, string>> {
  const taken = new Map<string, string>();
  return Object.fromEntries(
    given.map((fault) => {
      const [written, spec] = Array.isArray(fault) ? (fault as readonly unknown[]) : [];
      if (typeof written !== 'string' || typeof spec !== 'string' || written.trim() === '') {
        throw new OptionError('a fault is a pair of a name and a spec, or the text NAME=SPEC');
      }
      const name = written.trim();
      const other = taken.get(faultKey(name));
      if (other !== undefined) throw new OptionError(`Invalid fault: two have the same name, ${both(other, name)}`);
      taken.set(faultKey(name), name);
      return [name, readSpecFile(spec) ?? spec];
    }),
  );
}

function both(one: string, other: string): string {
  return one === other ? one : `${one} and ${other}, for case, - and _ make no difference`;
}
