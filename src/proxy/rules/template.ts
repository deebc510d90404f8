/** The text that takes the place of a match, as Python's `re.sub` reads it: `\1`, `\g<name>` and escapes. */
import type { CompiledPattern } from '../filter/pattern/compile-pattern.js';

/** Literal text, or the number of a group. */
type Part = string | number;

/** A template, ready for many matches. */
export type Template = (groups: Readonly<Record<string, string | undefined>>, match: string) => string;

const letters: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' },
};

const token = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[0-3][0-7]{2})|([1-9]\d?)|([^]))/g;

/**
 * Reads a template.
 * @param strict whether an escape that means nothing is an error, or stays as it is
 * @throws {TypeError} for such an escape, and for a group that there is not
 */
export function readTemplate(
  text: string,
  pattern: Pick<CompiledPattern, 'groupNames' | 'groupCount'>,
  strict = true,
): Template {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(token)) {
    parts.push(text.slice(at, found.index), partOf(found, pattern, strict));
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  const kept = parts.filter((part) => part !== '');
  return (groups, match) =>
    kept
      .map((part) => (typeof part === 'string' ? part : part === 0 ? match : (groups[`g${String(part)}`] ?? '')))
      .join('');
}

function partOf(
  [whole, reference, octal, digits, other = '']: RegExpExecArray,
  pattern: Pick<CompiledPattern, 'groupNames' | 'groupCount'>,
  strict: boolean,
): Part {
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  const name = reference ?? digits;
  if (name !== undefined) {
    const group = /^\d+$/.test(name) ? Number(name) : pattern.groupNames.get(name);
    if (group !== undefined && group <= pattern.groupCount) return group;
    if (strict) throw new TypeError(`there is no group ${name}, which ${whole} refers to`);
    return whole;
  }
  const letter = letters[other];
  if (letter !== undefined) return letter;
  if (strict && /[a-z]/i.test(other)) throw new TypeError(`${whole} means nothing in a replacement`);
  return whole;
}
