import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { compilePattern, readAnchor } from '../../src/pathod/anchors.js';

describe('PATTERN=SPEC', () => {
  test('is taken apart at the first equals sign', () => {
    expect(readAnchor("/a=200:h'x'='y'")).toEqual(['/a', "200:h'x'='y'"]);
  });

  test.each(['', '/a', '=200', '/a='])('%j is refused', (text) => {
    expect(() => readAnchor(text)).toThrow(OptionError);
    expect(() => readAnchor(text)).toThrow(`Invalid anchor specification: ${text}`);
  });
});

/** Whether a pattern matches at the start of a path. */
function matches(pattern: string | RegExp, path: string): boolean {
  const compiled = compilePattern(pattern);
  compiled.lastIndex = 0;
  return compiled.test(path);
}

describe('a pattern', () => {
  test.each<[string | RegExp, string, boolean]>([
    ['/a', '/a', true],
    ['/a', '/abc', true],
    ['/a', '/b/a', false],
    ['/a$', '/ab', false],
    ['.*a', '/b/a', true],
    ['', '/', true],
    ['(?i)/A', '/a', true],
    ['(?P<name>/x)(?P=name)', '/x/x', true],
    ['(?P<name>/x)(?P=name)', '/x/y', false],
    ['\\A/a\\Z', '/a', true],
    ['\\A/a\\Z', '/ab', false],
    ['\\\\A', '\\A', true],
    [/\/a/g, '/a', true],
    [/\/A/i, '/a', true],
    [/\/a/, '/b/a', false],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  test('that is no regular expression is named', () => {
    expect(() => compilePattern('/[')).toThrow(/^Invalid regex in anchor: \/\[ \(.*\)$/);
    expect(() => compilePattern('(')).toThrow(/^Invalid regex in anchor: \( \(Unterminated group\)$/);
    expect(() => compilePattern('/a: /(')).toThrow(/\/\( \(Unterminated group\)$/);
  });
});
