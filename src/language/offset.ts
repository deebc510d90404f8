/** Where something happens in a message: a number, a place in one of its parts, or anywhere at random. */
import type { Random } from './random.js';
import { digits, firstOf, scanWord, wholeNumber } from './scan.js';
import type { Part, Scanned, WholeNumber } from './scan.js';

/** So many bytes behind the start of the headers or of the body. */
type Relative = 'h' | 'b' | `${'h' | 'b'}+${string}`;

/**
 * OFFSET as written. Numbers count the bytes of the message before anything is injected, overwritten or
 * erased; all that is no number becomes one when the message is resolved.
 */
export type Offset = WholeNumber | 'r' | 'a' | 'hr' | 'br' | Relative;

/** What offsets are measured by. Each is asked only when needed. */
export interface Extent {
  /** Bytes of the message. @throws {FileAccessDenied} */
  readonly length: () => number;
  /** Where the header fields start: behind the start line of an HTTP message; 0 for a frame. */
  readonly headers: () => number;
  /** Where the body or payload starts. */
  readonly body: () => number;
}

const random = oneWord('hr', 'br', 'r');
const after = oneWord('a');

const relative: Part<Offset> = {
  label: 'h[+N]',
  expected: 'h or b',
  starts: 'hb',
  scan(text, at) {
    const start = scanWord(text, at, 'h', false) ?? scanWord(text, at, 'b', false);
    if (!start) return undefined;
    const part = start.value === 'h' ? 'h' : 'b';
    const plus = scanWord(text, start.end, '+', false);
    const count = plus && wholeNumber.scan(text, plus.end);
    // Nothing is behind a plus but its number.
    if (plus && !count) return undefined;
    if (!count) return { value: part, end: start.end };
    return { value: count.value === 0 ? part : `${part}+${String(count.value)}`, end: count.end };
  },
};

/** The `OFFSET` of a spec. */
export const offset: Part<Offset> = {
  label: 'OFFSET',
  expected: 'an offset: a number, r, hr or br (random), a (after the end), h or b (start of headers or body, +N)',
  starts: `${digits}rahb`,
  scan: (text, at) => firstOf<Offset>([wholeNumber, random, after, relative], text, at),
};

function oneWord<const W extends string>(...words: readonly W[]): Part<W> {
  return {
    label: words.join('|'),
    expected: `one of ${words.join(', ')}`,
    starts: words.map((text) => text.charAt(0)).join(''),
    scan(text, at): Scanned<W> | undefined {
      for (const value of words) {
        const scanned = scanWord(text, at, value, false);
        if (scanned) return { value, end: scanned.end };
      }
      return undefined;
    },
  };
}

/** Whether chance decides an offset. */
export function isRandomOffset(written: Offset): boolean {
  return written === 'r' || written === 'hr' || written === 'br';
}

/** The offset as a number. `a` is one more than the length, as the ancestor prints it; `r` is never behind the last byte. */
export function resolveOffset(written: Offset, extent: Extent, random: Random): WholeNumber {
  if (typeof written !== 'string') return written;
  if (written === 'a') return extent.length() + 1;
  if (written === 'r') return random.integer(extent.length());
  if (written === 'hr') return between(extent.headers(), extent.body(), random);
  if (written === 'br') return between(extent.body(), extent.length(), random);
  const start = written.startsWith('h') ? extent.headers() : extent.body();
  const sum = BigInt(start) + BigInt(written.slice(2));
  return sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : sum;
}

/** Before any byte of a part; at its start when it is empty. */
function between(start: number, end: number, random: Random): number {
  return start < end ? start + random.integer(end - start) : start;
}
