import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePythonFloat } from '../../../src/proxy/storage/python-number.js';
import { decodeItem, encodeItem, findItem } from '../../../src/proxy/storage/tnetstring.js';
import type { TnetValue } from '../../../src/proxy/storage/tnetstring.js';

const value: fc.Arbitrary<TnetValue> = fc.letrec<{ any: TnetValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'grapheme' }),
    fc.bigInt(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('any')), { maxLength: 4 }).map((pairs) => new Map<TnetValue, TnetValue>(pairs)),
  ),
})).any;

describe('the notation of flow files', () => {
  it('gives back what was written, and ends where it should', () => {
    fc.assert(
      fc.property(value, (given) => {
        const bytes = encodeItem(given);
        expect(findItem(bytes, 0)).toBe(bytes.length);
        const read = decodeItem(bytes);
        expect(read).toEqual(given);
        // Members stand in the order in which they were put in.
        expect(encodeItem(read)).toEqual(bytes);
      }),
    );
  });

  it('throws an error for anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (given) => {
        try {
          decodeItem(Buffer.from(given));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
    const deep = (levels: number): Buffer => {
      let item = Buffer.from('0:]');
      for (let i = 0; i < levels; i++) item = Buffer.from(`${String(item.length)}:${item.toString()}]`);
      return item;
    };
    expect(() => decodeItem(deep(500))).toThrow('too many lists within one another');
  });

  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e-7, '1.5e-07'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [1795249744.3589015, '1795249744.3589015'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-Infinity, '-inf'],
  ])('writes %d as Python does', (number, text) => {
    expect(encodePythonFloat(number)).toBe(text);
  });
});
