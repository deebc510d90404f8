import { nearest } from '../../options/suggest.js';

/**
 * Types do not bind JavaScript, and a part that nobody looks at would make a test of something else.
 * @param what what the parts are of, for the message
 * @throws {TypeError} for a key that is not known; it suggests one that is
 */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known) ?? known.find((name) => name.startsWith(key));
    throw new TypeError(`${what} has no ${key}${near === undefined ? '' : `, did you mean ${near}?`}`);
  }
}
