/** What a backslash and the characters behind it stand for. */
import { complement, single } from './character-set.js';
import type { Alphabet, CharacterSet } from './character-set.js';
import type { PatternText } from './pattern-text.js';

/** One character of a set, a place between characters, or the number of a group that is referred to. */
export type Escape =
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly code?: number }
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'reference'; readonly group: number };

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
/** Digits behind the letters that give a code in hexadecimal. */
const hexadecimal: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function character(code: number): Escape {
  return { kind: 'set', set: single(code), code };
}

/** Reads what follows a backslash outside brackets. @throws {PatternError} */
export function readEscape(text: PatternText, alphabet: Alphabet): Escape {
  const from = text.at - 1;
  const place = text.match(/[AbBZ]/y);
  if (place !== undefined) return { kind: 'place', source: placeSource(place, alphabet) };
  if (!/[1-9]/.test(text.peek())) return readCommon(text, alphabet, from);
  const octal = text.match(/[0-3][0-7]{2}/y);
  if (octal !== undefined) return character(parseInt(octal, 8));
  if (text.match(/[4-7][0-7]{2}/y) !== undefined) text.fail('an octal escape is above \\377', from);
  return { kind: 'reference', group: Number(text.match(/\d{1,2}/y)) };
}

/** Reads what follows a backslash within brackets. @throws {PatternError} */
export function readClassEscape(text: PatternText, alphabet: Alphabet): Extract<Escape, { kind: 'set' }> {
  const from = text.at - 1;
  if (text.accept('b')) return { kind: 'set', set: single(8), code: 8 };
  const octal = text.match(/[0-7]{1,3}/y);
  const escape = octal === undefined ? readCommon(text, alphabet, from) : character(parseInt(octal, 8));
  if (escape.kind !== 'set') return text.fail('this escape cannot stand in brackets', from);
  if (octal !== undefined && (escape.code ?? 0) > 0xff) text.fail('an octal escape is above \\377', from);
  return escape;
}

function readCommon(text: PatternText, alphabet: Alphabet, from: number): Escape {
  const next = text.take();
  const named = classOf(next, alphabet);
  if (named !== undefined) return { kind: 'set', set: named };
  const control = controls[next];
  if (control !== undefined) return character(control);
  if (next === '0') return character(parseInt(`0${text.match(/[0-7]{0,2}/y) ?? ''}`, 8));
  const digits = hexadecimal[next];
  // Bytes have no code of more than two digits.
  if (digits !== undefined && (next === 'x' || alphabet.last > 0xff)) return readCode(text, next, digits, from);
  if (next === 'N' && alphabet.last > 0xff) text.fail('characters by name, \\N{...}, are not supported', from);
  if (next === '') text.fail('a backslash stands at the end', from);
  if (/[0-9A-Za-z]/.test(next)) text.fail(`\\${next} stands for nothing`, from);
  return character(next.codePointAt(0) ?? 0);
}

function readCode(text: PatternText, letter: string, digits: number, from: number): Escape {
  const found = text.match(/[0-9a-fA-F]{0,8}/y) ?? '';
  text.at -= Math.max(0, found.length - digits);
  const code = parseInt(found.slice(0, digits), 16);
  if (found.length < digits) text.fail(`\\${letter} needs ${String(digits)} hexadecimal digits`, from);
  if (code > 0x10ffff) text.fail('there is no character of this code', from);
  return character(code);
}

function classOf(letter: string, alphabet: Alphabet): CharacterSet | undefined {
  switch (letter) {
    case 'd':
      return alphabet.digit;
    case 's':
      return alphabet.space;
    case 'w':
      return alphabet.word;
    case 'D':
    case 'S':
    case 'W': {
      const positive = classOf(letter.toLowerCase(), alphabet);
      return positive && complement(positive, alphabet);
    }
    default:
      return undefined;
  }
}

function placeSource(letter: string, { boundary, notBoundary }: Alphabet): string {
  switch (letter) {
    case 'A':
      return '^';
    case 'Z':
      return '$';
    case 'b':
      return boundary;
    default:
      return notBoundary;
  }
}
