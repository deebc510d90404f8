import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cipherSuiteName } from '../../src/wire/cipher-suites.js';
import { hasProgram } from '../kit/programs.js';

test('names are those of OpenSSL', () => {
  expect(cipherSuiteName(0x1301)).toBe('TLS_AES_128_GCM_SHA256');
  expect(cipherSuiteName(0xc02f)).toBe('ECDHE-RSA-AES128-GCM-SHA256');
  // GREASE, and the signal for renegotiation.
  expect([0x0a0a, 0x00ff].map(cipherSuiteName)).toEqual([undefined, undefined]);
});

test.skipIf(!hasProgram('openssl'))('none of those with certificates is missing', () => {
  const { stdout } = spawnSync('openssl', ['ciphers', '-V', 'ALL:@SECLEVEL=0'], { encoding: 'latin1' });
  const lines = stdout.split('\n').filter((line) => line !== '' && !/PSK|SRP|Au=None/.test(line));
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) {
    const [, high = '', low = '', name] = /0x(..),0x(..) - (\S+)/.exec(line) ?? [];
    expect(cipherSuiteName(parseInt(high + low, 16))).toBe(name);
  }
});
