import { describe, expect, test } from 'vitest';
import { hexDump, textDump } from '../../src/wire/byte-dump.js';

describe('a dump as text', () => {
  test.each([
    ['a\nb', '\ta\n\tb\n'],
    ['a\r\n', '\ta\r\n\t\n'],
    ['a\tb\x00\x7f\x80\xff', '\ta\tb....\n'],
  ])('%j', (text, dump) => {
    expect(textDump(Buffer.from(text, 'latin1'))).toBe(dump);
  });
});

describe('a dump in hexadecimal', () => {
  test('has 16 bytes a line', () => {
    expect(hexDump(Buffer.from('0123456789abcdefXY\n', 'latin1'))).toBe(
      '\t0000000000 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 0123456789abcdef\n' +
        `\t0000000010 ${'58 59 0a'.padEnd(47)} XY.\n`,
    );
  });

  test('of nothing is nothing', () => expect(hexDump(Buffer.alloc(0))).toBe(''));
});
