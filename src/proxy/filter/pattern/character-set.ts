/** Sets of characters, and how JavaScript's regular expressions write them. */
import { caseVariants, lastWithCase } from './case-variants.js';

/** Code points from the first to the last, both included. */
export type Range = readonly [first: number, last: number];

/** Ranges, and classes that JavaScript names itself: what may stand within the brackets of a class. */
export interface CharacterSet {
  readonly ranges: readonly Range[];
  readonly classes?: readonly string[];
}

/** What patterns are made of: bytes, or the characters of Unicode. */
export interface Alphabet {
  /** The highest code. */
  readonly last: number;
  readonly digit: CharacterSet;
  readonly space: CharacterSet;
  readonly word: CharacterSet;
  /** All codes that are equal but for case, the given one included. */
  readonly variants: (code: number) => readonly number[];
  /** Where a word begins or ends; `\b` of JavaScript knows ASCII only. */
  readonly boundary: string;
  readonly notBoundary: string;
}

const asciiDigit: CharacterSet = { ranges: [[0x30, 0x39]] };
const asciiSpace: CharacterSet = { ranges: [range('\t', '\r'), range(' ', ' ')] };
const asciiWord: CharacterSet = { ranges: [range('0', '9'), range('A', 'Z'), range('_', '_'), range('a', 'z')] };

function range(first: string, last: string): Range {
  return [first.charCodeAt(0), last.charCodeAt(0)];
}

function asciiVariants(code: number): readonly number[] {
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isLetter ? [code, code ^ 0x20] : [code];
}

const asciiClasses = {
  digit: asciiDigit,
  space: asciiSpace,
  word: asciiWord,
  variants: asciiVariants,
  boundary: '\\b',
  notBoundary: '(?:\\B(?!^$))',
};

/** Bytes, as ISO 8859-1 text. Only ASCII has letters. */
export const bytes: Alphabet = { last: 0xff, ...asciiClasses };

/** Unicode where only ASCII has letters: the flag `a`. */
export const asciiText: Alphabet = { last: 0x10ffff, ...asciiClasses };

const letter = '[\\p{L}\\p{N}_]';

/** Unicode, with the classes of Python's `str`. */
export const text: Alphabet = {
  last: 0x10ffff,
  digit: { ranges: [], classes: ['\\p{Nd}'] },
  space: {
    ranges: [
      [0x09, 0x0d],
      [0x1c, 0x20],
      [0x85, 0x85],
      [0xa0, 0xa0],
      [0x1680, 0x1680],
      [0x2000, 0x200a],
    ]
      .concat([
        [0x2028, 0x2029],
        [0x202f, 0x202f],
        [0x205f, 0x205f],
        [0x3000, 0x3000],
      ])
      .map(([first = 0, last = 0]): Range => [first, last]),
  },
  word: { ranges: [], classes: [letter] },
  variants: caseVariants,
  boundary: `(?:(?<=${letter})(?!${letter})|(?<!${letter})(?=${letter}))`,
  notBoundary: `(?:(?<=${letter})(?=${letter})|(?!^$)(?<!${letter})(?!${letter}))`,
};

/** A set of one character. */
export function single(code: number): CharacterSet {
  return { ranges: [[code, code]] };
}

export function union(sets: readonly CharacterSet[]): CharacterSet {
  return { ranges: sets.flatMap(({ ranges }) => ranges), classes: sets.flatMap(({ classes = [] }) => classes) };
}

/** All characters that are not in the set. */
export function complement({ ranges, classes = [] }: CharacterSet, { last }: Alphabet): CharacterSet {
  if (classes.length > 0) return { ranges: [], classes: [`[^${inside({ ranges, classes })}]`] };
  const gaps: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) gaps.push([next, last]);
  return { ranges: gaps };
}

/** The set with all characters that are equal to one of it but for case. */
export function withCase(set: CharacterSet, { variants }: Alphabet): CharacterSet {
  const added = set.ranges.flatMap(([from, to]) => {
    const others: Range[] = [];
    for (let code = from; code <= Math.min(to, lastWithCase); code++) {
      for (const other of variants(code)) if (other < from || other > to) others.push([other, other]);
    }
    return others;
  });
  return { ...set, ranges: [...set.ranges, ...added] };
}

/** The set as a regular expression, atomic. */
export function sourceOf(set: CharacterSet): string {
  const [only] = set.ranges;
  const isSingle = set.ranges.length === 1 && (set.classes ?? []).length === 0;
  if (only !== undefined && isSingle && only[0] === only[1]) return characterSource(only[0]);
  // An empty class matches nothing.
  return `[${inside(set)}]`;
}

function inside({ ranges, classes = [] }: CharacterSet): string {
  const spans = ranges.map(([from, to]) =>
    from === to ? characterSource(from) : `${characterSource(from)}-${characterSource(to)}`,
  );
  return [...spans, ...classes].join('');
}

/** Everything but letters and digits is escaped by its code, which is right within and without brackets. */
function characterSource(code: number): string {
  const character = String.fromCodePoint(code);
  if (/^[0-9A-Za-z]$/.test(character)) return character;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
