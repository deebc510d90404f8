import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiLowerCase, listMembers, trimBlanks } from '../../src/wire/field-text.js';

test('only SP and HTAB are white space', () => {
  expect(trimBlanks(' \t a\t b \t')).toBe('a\t b');
  for (const other of '\x0b\x0c\xa0\x1c\x85\u2003\ufeff\r\n')
    expect(trimBlanks(`${other}a${other}`)).toBe(`${other}a${other}`);
});

test('only ASCII letters have case', () => {
  expect(asciiLowerCase('ChunKed-À\u212aZ')).toBe('chunked-À\u212az');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(asciiLowerCase(text)).toBe([...text].map((c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join(''));
    }),
  );
});

test('lists are split at commas, and empty members count for nothing', () => {
  expect(listMembers(['a, B ,,\tc', '', ' d'])).toEqual(['a', 'b', 'c', 'd']);
});
