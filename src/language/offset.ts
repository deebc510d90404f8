/** Where an action happens: a number, `r` (anywhere at random) or `a` (after the end). */
import type { Random } from './random.js';
import { digits, scanWord, wholeNumber } from './scan.js';
import type { Part, WholeNumber } from './scan.js';

/** OFFSET as written. Numbers count bytes of the message without what is injected. */
export type Offset = WholeNumber | 'r' | 'a';

/** The `OFFSET` of a spec. */
export const offset: Part<Offset> = {
  label: 'OFFSET',
  expected: 'an offset: a number, r (random) or a (after the end)',
  starts: `${digits}ra`,
  scan: (text, at) => wholeNumber.scan(text, at) ?? scanLetter(text, at, 'r') ?? scanLetter(text, at, 'a'),
};

function scanLetter<L extends 'r' | 'a'>(text: string, at: number, letter: L): { value: L; end: number } | undefined {
  const scanned = scanWord(text, at, letter, false);
  return scanned && { value: letter, end: scanned.end };
}

/**
 * The offset as a number. `a` is one more than the length, as the ancestor prints it; `r` is never
 * behind the last byte.
 * @param length gives the bytes of the message; asked only when needed
 */
export function resolveOffset(written: Offset, length: () => number, random: Random): WholeNumber {
  if (written === 'a') return length() + 1;
  if (written === 'r') return random.integer(length());
  return written;
}
