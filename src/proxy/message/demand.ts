/**
 * What code sets on messages, looked at where it is set: types do not bind JavaScript, and whoever sends the message
 * would not know whom to blame. What comes from the wire goes past this.
 */
import { types } from 'node:util';
import { showValue } from '../../options/show-value.js';

/** @param what is set: `path` @throws {TypeError} for what is no text */
export function demandText(what: string, given: unknown): string {
  if (typeof given !== 'string') throw refusal(what, 'text', given);
  return given;
}

/** @throws {TypeError} for what is no list */
export function demandList<T>(what: string, given: T[]): T[] {
  if (!Array.isArray(given)) throw refusal(what, 'a list', given);
  return given;
}

/** @throws {TypeError} for what is no whole number in a range */
export function demandWhole(what: string, given: unknown, minimum: number, maximum: number): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= minimum && given <= maximum) return given;
  throw refusal(what, `a whole number from ${String(minimum)} to ${String(maximum)}`, given);
}

/** Bytes; none for `undefined` and `null`. @throws {TypeError} for anything else */
export function demandBytes(what: string, given: unknown): Buffer | undefined {
  if (given === undefined || given === null || Buffer.isBuffer(given)) return given ?? undefined;
  if (types.isUint8Array(given)) return Buffer.from(given.buffer, given.byteOffset, given.length);
  throw refusal(what, 'a Buffer', given);
}

/** Pairs of a name and a value. @param demandValue looks at each value @throws {TypeError} for anything else */
export function demandPairs<V>(
  what: string,
  given: Iterable<readonly [name: string, value: V]>,
  demandValue: (what: string, value: unknown) => V,
): (readonly [name: string, value: V])[] {
  const isIterable = typeof given === 'object' && (given as unknown) !== null && Symbol.iterator in given;
  if (!isIterable) throw refusal(what, 'pairs of a name and a value', given);
  return Array.from(given, (pair: unknown) => {
    if (!Array.isArray(pair)) throw refusal(what, 'pairs of a name and a value', pair);
    const [name, value] = pair as unknown[];
    return [demandText(`a name in ${what}`, name), demandValue(`a value in ${what}`, value)] as const;
  });
}

/** @param wanted what is taken */
export function refusal(what: string, wanted: string, given: unknown): TypeError {
  return new TypeError(`${what} takes ${wanted}, not ${showValue(given)}`);
}
