import { describe, expect, test } from 'vitest';
import { bytesRepr, lineRepr } from '../../src/wire/bytes-repr.js';

describe('bytes as Python shows them', () => {
  test.each([
    ['', "b''"],
    ['foo', "b'foo'"],
    ['foo\r\n\x00', "b'foo\\r\\n\\x00'"],
    ['\t\x0b\x0c\x1f\x7f', "b'\\t\\x0b\\x0c\\x1f\\x7f'"],
    ['\x80\xff\xe9', "b'\\x80\\xff\\xe9'"],
    ['a\\b', "b'a\\\\b'"],
    ["it's", 'b"it\'s"'],
    ['"', "b'\"'"],
    ['\'"', "b'\\'\"'"],
  ])('%j', (text, shown) => {
    expect(bytesRepr(Buffer.from(text, 'latin1'))).toBe(shown);
  });

  test('a long line is cut in a complaint', () => {
    expect(lineRepr(Buffer.alloc(4096, 'a'))).toHaveLength(4096 + 3);
    expect(lineRepr(Buffer.alloc(1_000_000, 'a'))).toMatch(/^b'a{4096}' and 995904 bytes more$/);
  });
});
