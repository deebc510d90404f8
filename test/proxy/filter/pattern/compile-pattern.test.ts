import { describe, expect, it } from 'vitest';
import { PatternError } from '../../../../src/errors.js';
import { compilePattern } from '../../../../src/proxy/filter/pattern/compile-pattern.js';
import type { PatternOptions } from '../../../../src/proxy/filter/pattern/compile-pattern.js';

function matches(pattern: string, subject: string, options: PatternOptions): boolean {
  const { over } = options;
  return compilePattern(pattern, options).test(over === 'bytes' ? Buffer.from(subject).toString('latin1') : subject);
}

function errorOf(pattern: string, options: PatternOptions): PatternError {
  try {
    compilePattern(pattern, options);
  } catch (error) {
    if (error instanceof PatternError) return error;
    throw error;
  }
  throw new Error(`${pattern} is valid`);
}

const text = { over: 'text' } as const;
const bytes = { over: 'bytes' } as const;

/** As Python 3.11 answers, over bytes and over text alike. */
const cases: readonly [pattern: string, yes: readonly string[], no: readonly string[]][] = [
  ['', ['', 'a'], []],
  ['a.c', ['abc', 'xabcx'], ['a\nc', 'ac']],
  ['(?s)a.c', ['a\nc'], ['ac']],
  ['(?s:a.)c.', ['a\ncx'], ['a\nc\n']],
  ['^b', ['b'], ['a\nb']],
  ['(?m)^b', ['a\nb', '\nb'], ['ab']],
  ['a$', ['a', 'a\n'], ['a\nb', 'a\n\n']],
  ['(?m)a$', ['a\nb', 'a'], ['ab']],
  ['a\\Z', ['a'], ['a\n']],
  ['(?m)\\Ab', ['b'], ['a\nb']],
  ['(?i)NeEdLe', ['needle', 'NEEDLE'], ['noodle']],
  ['(?i:N)e', ['ne', 'Ne'], ['NE']],
  ['(?i)n(?-i:e)', ['Ne', 'ne'], ['NE']],
  ['(?i)[a-c]x', ['BX'], ['DX']],
  ['(?i)[^a]', ['b'], ['A']],
  ['(?x) a b # c\n d', ['abd'], ['a b']],
  ['(?x)a [ ] \\ b', ['a  b'], ['ab']],
  ['need(?#comment)le', ['needle'], ['need']],
  ['(?P<n>.)(?P=n)', ['xaax'], ['xay']],
  ['(.)\\1', ['aa'], ['ab']],
  ['(?i)(a)\\1', ['aA'], ['ab']],
  ['(?<=a)b', ['ab'], ['cb']],
  ['(?<!a)b', ['cb'], ['ab']],
  ['a(?!b)', ['ac'], ['ab']],
  ['(?=a)*b', ['b'], ['c']],
  ['\\bapp\\b', ['an app.'], ['apps']],
  ['a\\B', ['ab'], ['a b']],
  ['^\\B$', [], ['', 'a']],
  ['a{2}', ['aa'], ['a']],
  ['a{,2}b', ['b', 'aab'], ['a']],
  ['^a{2,}$', ['aaa'], ['a']],
  ['a{', ['a{'], ['a']],
  ['a{}', ['a{}'], ['a']],
  ['a{x}', ['a{x}'], ['a']],
  ['a+?b', ['aab'], ['a']],
  ['a*+a', [], ['aaa']],
  ['(?>a+)a', [], ['aaa']],
  ['(?>a|ab)c', ['ac'], ['abc']],
  ['[]a]', [']', 'a'], ['b']],
  ['^[^]a]$', ['b'], [']', 'a']],
  ['[a-]', ['-'], ['b']],
  ['[\\w-]', ['-', 'x'], ['.']],
  ['[\\b]', ['\b'], ['b']],
  ['^[^\\W_]+$', ['a1'], ['a_']],
  ['\\x41\\102\\0', ['AB\0'], ['AB']],
  ['\\.\\-\\/', ['.-/'], ['x-/']],
  ['\\a\\f\\v', ['\x07\f\v'], ['afv']],
  ['é', ['café'], ['cafe']],
  ['a|', ['', 'b'], []],
];

describe.each<PatternOptions>([text, bytes])('a pattern over $over', (options) => {
  it.each(cases)('%j', (pattern, yes, no) => {
    expect(yes.filter((subject) => !matches(pattern, subject, options))).toEqual([]);
    expect(no.filter((subject) => matches(pattern, subject, options))).toEqual([]);
  });

  it.each<[pattern: string, offset: number, message: RegExp]>([
    ['a(b', 1, /never closed/],
    ['a)b', 1, /never opened/],
    ['x[a', 1, /never closed/],
    ['*a', 0, /nothing to repeat/],
    ['^*', 1, /nothing to repeat/],
    ['a**', 2, /cannot be repeated/],
    ['a{2,1}', 1, /fewer/],
    ['a{4294967295}', 1, /too many/],
    ['é\\Q', 1, /stands for nothing/],
    ['a\\', 1, /at the end/],
    ['\\x1', 0, /hexadecimal/],
    ['\\400', 0, /above/],
    ['[z-a]', 1, /ends before/],
    ['[a-\\d]', 1, /ends in a class/],
    ['(a)\\2', 3, /no group 2/],
    ['(a\\1)', 2, /itself/],
    ['(?P=x)', 0, /no group called x/],
    ['(?P<n>a)(?P<n>b)', 8, /two groups/],
    ['(?P<1>a)', 0, /cannot be the name/],
    ['(?<n>a)', 0, /unknown group/],
    ['(?<=a+)b', 0, /fixed width/],
    ['a(?i)', 1, /beginning/],
    ['(?z)', 0, /unknown flag/],
    ['(?au)x', 0, /contradict|cannot be used/],
    ['(?L)x', 0, /not supported/],
    ['(a)(?(1)b|c)', 3, /conditional.*not supported/],
    ['(?#x', 0, /never closed/],
    [`${'('.repeat(300)}${')'.repeat(300)}`, 200, /too deeply/],
  ])('%j is refused at %i', (pattern, offset, message) => {
    const error = errorOf(pattern, options);
    expect(error).toMatchObject({ code: 'ERR_PATTERN', pattern, offset });
    expect(error.message).toMatch(message);
    expect(error.marked()).toBe(`${error.marked().split('\n')[0] ?? ''}\n${' '.repeat(Math.min(offset, 63))}^`);
  });
});

describe('text', () => {
  it('is Unicode', () => {
    expect(matches('^.$', '\u{1f600}', text)).toBe(true);
    expect(matches('\\u00fc\\U0001f600', 'ü\u{1f600}', text)).toBe(true);
    expect(matches('^\\w\\d\\s$', 'é\u0660\u00a0', text)).toBe(true);
    expect(matches('\\W|\\D{3}', 'é\u0660\u00a0', text)).toBe(true);
    expect(matches('\\bé\\b', 'a é b', text)).toBe(true);
    expect(matches('(?a)\\w', 'é', text)).toBe(false);
  });

  it('has the case of Unicode', () => {
    const caseless = { ...text, caseless: true };
    for (const [pattern, subject] of ['éÉ', 'ßẞ', 'k\u212a', 's\u017f', 'iİ', 'Σς', '\u{10400}\u{10428}'].map(
      (pair) => [...pair],
    )) {
      expect(matches(pattern ?? '', subject ?? '', caseless), pattern).toBe(true);
    }
    expect(matches('(?a)k', '\u212a', caseless)).toBe(false);
    expect(matches('[à-ü]', 'É', caseless)).toBe(true);
  });

  it('has no names of characters', () => {
    expect(errorOf('\\N{DIGIT ONE}', text).message).toMatch(/not supported/);
  });
});

describe('bytes', () => {
  it('are UTF-8 in the pattern', () => {
    expect(compilePattern('é', bytes).test('\xc3\xa9')).toBe(true);
    expect(compilePattern('[é]', bytes).test('\xa9')).toBe(true);
    expect(compilePattern('\\xe9', bytes).test('\xe9')).toBe(true);
    expect(errorOf('\\u00e9', bytes).message).toMatch(/stands for nothing/);
  });

  it('have the letters and the case of ASCII', () => {
    expect(compilePattern('\\w', bytes).test('\xe9')).toBe(false);
    expect(compilePattern('\\xe9', { ...bytes, caseless: true }).test('\xc9')).toBe(false);
    expect(compilePattern('\\W\\S\\D', bytes).test('\xe9\xe9\xe9')).toBe(true);
  });
});

it('flags of the caller hold for the whole pattern, until it says otherwise', () => {
  expect(matches('a.B', 'A\nb', { ...bytes, caseless: true, dotAll: true })).toBe(true);
  expect(matches('(?-i:a).', 'A\n', { ...text, caseless: true, dotAll: true })).toBe(false);
  expect(matches('^b$', 'a\nb\n', { ...text, multiline: true })).toBe(true);
});

it('a reference for which case does not count cannot stand beside characters for which it does', () => {
  expect(errorOf('(a)(?i:\\1)', bytes).message).toMatch(/not supported/);
});
