/** Anchors: a pattern of paths, and what is served below it. */
import { isError, OptionError } from '../errors.js';

/** A pattern that paths must begin with, and the spec of the response to them. */
export type Anchor = readonly [pattern: string | RegExp, spec: string];

/**
 * Takes `PATTERN=SPEC` apart at the first `=`.
 * @throws {OptionError} when one of the two is missing
 */
export function readAnchor(text: string): Anchor {
  const equals = text.indexOf('=');
  const pattern = text.slice(0, Math.max(0, equals));
  const spec = text.slice(equals + 1);
  if (pattern === '' || spec === '') {
    throw new OptionError(`Invalid anchor specification: ${text} (an anchor is written PATTERN=SPEC)`);
  }
  return [pattern, spec];
}

/** How an anchor is named in errors: its pattern as given. */
export function patternText(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? pattern : pattern.source;
}

/**
 * Compiles a pattern so that it matches at `lastIndex` only. Named groups, flags at the beginning
 * and the anchors `\A` and `\Z` may be written as in Python.
 * @throws {OptionError} when it is no regular expression
 */
export function compilePattern(pattern: string | RegExp): RegExp {
  try {
    if (pattern instanceof RegExp) return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`);
    const [, letters = '', rest = ''] = /^(?:\(\?([aimsux]+)\))?(.*)$/s.exec(pattern) ?? [];
    const flags = [...'ims'].filter((letter) => letters.includes(letter)).join('');
    return new RegExp(fromPython(rest), `${flags}y`);
  } catch (error) {
    throw new OptionError(`Invalid regex in anchor: ${patternText(pattern)} (${reasonOf(error)})`);
  }
}

/** The end of `Invalid regular expression: /SOURCE/FLAGS: REASON`, whatever the source holds. */
function reasonOf(error: unknown): string {
  const message = isError(error) ? error.message : String(error);
  return message.replace(/^.*\/[a-z]*: /s, '');
}

const pythonForms: Readonly<Record<string, string>> = { '(?P<': '(?<', '\\A': '^', '\\Z': '$' };

/** The same regular expression with what only Python has written as JavaScript does. */
function fromPython(source: string): string {
  return source.replace(/\(\?P=(\w+)\)|\(\?P<|\\./gs, (form, name: string | undefined) =>
    name === undefined ? (pythonForms[form] ?? form) : `\\k<${name}>`,
  );
}
