import { complement, single, sourceOf, union, withCase } from './character-set.js';
import type { Alphabet, CharacterSet } from './character-set.js';
import { readClassEscape } from './escapes.js';
import type { PatternText } from './pattern-text.js';

/** Reads a class behind its opening bracket, and gives it as JavaScript writes it. @throws {PatternError} */
export function readBrackets(text: PatternText, alphabet: Alphabet, caseless: boolean): string {
  const from = text.at - 1;
  const isNegated = text.accept('^');
  const sets: CharacterSet[] = [];
  while (sets.length === 0 || !text.accept(']')) sets.push(readMember(text, alphabet, from));
  const all = caseless ? withCase(union(sets), alphabet) : union(sets);
  return sourceOf(isNegated ? complement(all, alphabet) : all);
}

/** A character, a class or a range. */
function readMember(text: PatternText, alphabet: Alphabet, from: number): CharacterSet {
  const start = text.at;
  const first = readOne(text, alphabet, from);
  const behind = text.at;
  if (!text.accept('-')) return first.set;
  // A minus sign at the end is one.
  if (text.peek() === ']') {
    text.at = behind;
    return first.set;
  }
  const last = readOne(text, alphabet, from);
  if (first.code === undefined || last.code === undefined) return text.fail('a range ends in a class', start);
  if (last.code < first.code) text.fail('a range ends before it begins', start);
  return { ranges: [[first.code, last.code]] };
}

function readOne(text: PatternText, alphabet: Alphabet, from: number): { set: CharacterSet; code?: number } {
  if (text.isAtEnd) text.fail('this bracket is never closed', from);
  const character = text.take();
  if (character === '\\') return readClassEscape(text, alphabet);
  const code = character.codePointAt(0) ?? 0;
  return { set: single(code), code };
}
