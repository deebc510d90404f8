/** What code gave, in few words, for messages that refuse it. */
export function showValue(given: unknown): string {
  if (typeof given === 'string')
    return JSON.stringify(given.length > longest ? `${given.slice(0, longest)}...` : given);
  if (typeof given === 'number' || typeof given === 'boolean' || given === null) return String(given);
  if (given === undefined) return 'undefined';
  return Array.isArray(given) ? 'a list' : `a value of type ${typeof given}`;
}

/** Characters of a text that are shown. */
const longest = 100;
