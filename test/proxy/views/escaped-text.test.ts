import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeBytes, unescapeBytes } from '../../../src/proxy/views/escaped-text.js';
import { Shield } from '../../../src/proxy/views/shielded-text.js';

describe('escaped bytes', () => {
  it('can be read back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = escapeBytes(bytes, { escapeApostrophes: true });
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(unescapeBytes(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('are told where they are wrong', () => {
    expect(() => unescapeBytes('ab\\xg0')).toThrow('an escape of two hexadecimal digits was expected at 2');
    expect(() => unescapeBytes('ab\\')).toThrow('the text ends within an escape');
  });
});

describe('a shield', () => {
  const shield = new Shield(';', [{ opening: "'", pattern: /'[^'\n]*'/y, reach: 'line' }], /'/g);

  it('hides marks in areas, and brings them back', () => {
    expect(shield.hide("a;'b;'c;\n'd;").replaceAll(';', '!')).toBe(`a!'b\ufdd0'c!\n'd!`);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", ';', 'a', '\n') }), (text) => {
        expect(shield.show(shield.hide(text))).toBe(text);
      }),
    );
  });
});
