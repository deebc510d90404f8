import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressBytes, addressText } from '../../src/wire/ip-address.js';

describe('addresses', () => {
  test.each([
    ['127.0.0.1', '7f000001', '127.0.0.1'],
    ['::1', '00000000000000000000000000000001', '::1'],
    ['::', '00000000000000000000000000000000', '::'],
    ['2001:DB8:0:0:1::1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:c000:201'],
    ['1::', '00010000000000000000000000000000', '1::'],
  ])('%s', (text, hex, shortest) => {
    expect(addressBytes(text)?.toString('hex')).toBe(hex);
    expect(addressText(Buffer.from(hex, 'hex'))).toBe(shortest);
  });

  test.each(['', 'example.com', '1.2.3', '1.2.3.256', '1.2.3.4.5', ':', ':::', '1:2', 'fe80::1%eth0', '[::1]', 'a:80'])(
    '%j is none',
    (text) => {
      expect(addressBytes(text)).toBeUndefined();
    },
  );

  test('any of them comes back, and Node agrees', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const bytes = addressBytes(text);
        if (bytes === undefined) throw new Error(`${text} was not read`);
        const written = addressText(bytes);
        expect(bytes.length === 4 ? isIPv4(written) : isIPv6(written)).toBe(true);
        expect(addressBytes(written)).toEqual(bytes);
      }),
    );
  });
});
