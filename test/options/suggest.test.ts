import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/options/suggest.js';

describe('the nearest name', () => {
  const names = ['limit-size', 'limit-time', 'port', 'http2', 'x'];
  test.each([
    ['limit-sise', 'limit-size'],
    ['limitsize', 'limit-size'],
    ['LIMIT-SIZE', 'limit-size'],
    ['prot', 'port'],
    ['ports', 'port'],
    ['y', undefined],
    ['airports', undefined],
    ['', undefined],
  ])('of %s is %s', (word, name) => {
    expect(nearest(word, names)).toBe(name);
  });
});

test('of a very long word is not sought', () => {
  expect(nearest('x'.repeat(100_000), ['x'.repeat(100_000)])).toBeUndefined();
});

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s: %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  test('is the same both ways, and no more than replacing everything', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (from, to) => {
        expect(editDistance(from, to)).toBe(editDistance(to, from));
        expect(editDistance(from, to)).toBeLessThanOrEqual(Math.max(from.length, to.length));
      }),
    );
  });
});
