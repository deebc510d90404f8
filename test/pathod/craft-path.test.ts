import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { checkCraftPrefix, pathOfSpec, specOfPath } from '../../src/pathod/craft-path.js';

describe('a spec in a path', () => {
  test.each([
    ['/p/200', '200'],
    ['/p/200:b%40100', '200:b@100'],
    ['/p/200:b"a+b"', '200:b"a+b"'],
    ['/p/200:b"x"?y#z', '200:b"x"?y#z'],
    ['/p/', ''],
    ['/p/%zz%4', '%zz%4'],
    ['/p/%ff', '\ufffd'],
    ['/p/%C3%A9', 'é'],
    ['/P/200', undefined],
    ['/%70/200', undefined],
  ])('%s', (path, spec) => {
    expect(specOfPath(path, '/p/')).toBe(spec);
  });

  test('is cut at the prefix before it is decoded', () => {
    expect(specOfPath('/a%20b/200', '/a%20b/')).toBe('200');
  });

  test('survives every client that normalises URLs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1 }), (spec) => {
        const path = new URL(pathOfSpec(spec, '/p/'), 'http://localhost').pathname;
        expect(specOfPath(path, '/p/')?.replace(/^ (?=\.{1,2}$)/, '')).toBe(spec);
      }),
    );
  });

  test('holds no character that a shell or a URL parser reads', () => {
    const everything = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i)).join('');
    expect(pathOfSpec(everything, '/p/')).toMatch(/^\/p\/[\w.~%-]+$/);
  });
});

describe('a prefix', () => {
  test.each(['/', '/p/', '/a%20b/', '/~!'])('%j is taken', (prefix) => {
    expect(() => {
      checkCraftPrefix(prefix);
    }).not.toThrow();
  });

  test.each(['', 'p/', ' /p/', '/a b/', '/é/', '/\n', '/p/\x7f'])('%j is refused', (prefix) => {
    expect(() => {
      checkCraftPrefix(prefix);
    }).toThrow(OptionError);
  });
});
