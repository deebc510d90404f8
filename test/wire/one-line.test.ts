import { expect, test } from 'vitest';
import { oneLine } from '../../src/wire/one-line.js';

test('what is no printable text is shown', () => {
  expect(oneLine('plain, "quoted" \\ and ünï')).toBe('plain, "quoted" \\ and ünï');
  expect(oneLine('a\r\nb\tc\x1b[2Jd\x7f\x9b\u2028\u202e')).toBe('a\\r\\nb\\tc\\u001b[2Jd\\u007f\\u009b\\u2028\\u202e');
});
