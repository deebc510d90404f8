/**
 * Reading small pieces of a spec at an offset. Every reader skips white space first, as the
 * language allows it before any token, and gives where the piece ended, or undefined.
 */

/** A piece that was read, and the offset just behind it. */
export interface Scanned<T> {
  readonly value: T;
  readonly end: number;
}

/** A terminal of the language: how it reads, and how people call it. */
export interface Part<T> {
  /** As help and syntax lines show it: `VALUE`, `OFFSET`, `INTEGER`. */
  readonly label: string;
  /** As an error names it: "a number". */
  readonly expected: string;
  /** The characters that it may begin with. */
  readonly starts: string;
  /** The words that it knows, for the suggestion of a near one. */
  readonly words?: readonly string[];
  /** What its words are names of, for an error about an unknown one: `frame type`. */
  readonly noun?: string;
  /** @throws {SpecError} when the piece is there beyond doubt but holds a mistake */
  scan(text: string, at: number): Scanned<T> | undefined;
}

/** The offset of the first character at or behind `at` that is no space, TAB, CR or LF. */
export function skipSpace(text: string, at: number): number {
  for (let i = at; ; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d && unit !== 0x0a) return i;
  }
}

export const digits = '0123456789';
export const quotes = `'"`;

/** Printable ASCII that may stand in a naked value: all but `, : @ ' "` and white space. */
export const nakedCharacters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i))
  .filter((character) => !`,:@${quotes}`.includes(character))
  .join('');

const isNaked = new Uint8Array(128);
for (const character of nakedCharacters) isNaked[character.charCodeAt(0)] = 1;

/** Reads a run of digits as text. */
export function scanDigits(text: string, at: number): Scanned<string> | undefined {
  const start = skipSpace(text, at);
  let end = start;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return end === start ? undefined : { value: text.slice(start, end), end };
}

/** Reads a run of characters that need no quotes, as written. */
export function scanNaked(text: string, at: number): Scanned<string> | undefined {
  const start = skipSpace(text, at);
  let end = start;
  while (isNaked[text.charCodeAt(end)] === 1) end++;
  return end === start ? undefined : { value: text.slice(start, end), end };
}

/**
 * Reads the text between two equal quotes, as written.
 * @param escapes whether a backslash keeps the character behind it from ending the text
 */
export function scanQuoted(text: string, at: number, escapes: boolean): Scanned<string> | undefined {
  const start = skipSpace(text, at);
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  let end = text.indexOf(quote, start + 1);
  while (escapes && end !== -1 && countBackslashes(text, end, start) % 2 === 1) end = text.indexOf(quote, end + 1);
  return end === -1 ? undefined : { value: text.slice(start + 1, end), end: end + 1 };
}

function countBackslashes(text: string, end: number, start: number): number {
  let from = end;
  while (from > start + 1 && text.charCodeAt(from - 1) === 0x5c) from--;
  return end - from;
}

/** Reads `word` whatever its case, if `caseless`. It need not end at a word boundary. */
export function scanWord(text: string, at: number, word: string, caseless: boolean): Scanned<string> | undefined {
  const start = skipSpace(text, at);
  const end = start + word.length;
  const found = caseless ? text.slice(start, end).toLowerCase() === word : text.startsWith(word, start);
  return found ? { value: word, end } : undefined;
}

/** A fixed word or sign. */
export function word(text: string, options: { readonly caseless?: boolean } = {}): Part<string> {
  const caseless = options.caseless ?? false;
  const first = text.charAt(0);
  return {
    label: text,
    expected: `"${text}"`,
    starts: caseless ? first.toLowerCase() + first.toUpperCase() : first,
    scan: (spec, at) => scanWord(spec, at, text, caseless),
  };
}

/** The first of several fixed words, in the order given. */
export function oneOf(
  words: readonly string[],
  options: { readonly caseless?: boolean; readonly label: string },
): Part<string> {
  const parts = words.map((text) => word(text, options));
  return {
    label: options.label,
    expected: `one of ${words.join(', ')}`,
    starts: [...new Set(parts.flatMap((part) => [...part.starts]))].join(''),
    words,
    scan: (text, at) => firstOf(parts, text, at),
  };
}

/** Reads the first of several parts that matches. */
export function firstOf<T>(parts: readonly Part<T>[], text: string, at: number): Scanned<T> | undefined {
  for (const part of parts) {
    const scanned = part.scan(text, at);
    if (scanned) return scanned;
  }
  return undefined;
}

/** A whole number as it was written, exact at any size. */
export type WholeNumber = number | bigint;

/** A number without sign; numbers beyond 2^53 stay exact as bigint. */
export const wholeNumber: Part<WholeNumber> = {
  label: 'INTEGER',
  expected: 'a whole number',
  starts: digits,
  scan(text, at) {
    const scanned = scanDigits(text, at);
    if (!scanned) return undefined;
    const value = Number(scanned.value);
    return { value: Number.isSafeInteger(value) ? value : BigInt(scanned.value), end: scanned.end };
  },
};
