import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { isOwnAddress } from '../../src/proxy/own-address.js';

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['localhost', '127.0.0.1', true],
  ['::1', '127.0.0.1', true],
  ['127.0.0.2', '127.0.0.1', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['10.1.2.3', '127.0.0.1', false],
  ['localhost', '0.0.0.0', true],
  ['::1', '::', true],
  ['198.51.100.7', '::', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['127.0.0.1', '10.1.2.3', false],
  ['example.com', '0.0.0.0', false],
])('%s, where %s is listened on: %s', (host, bound, expected) => {
  expect(isOwnAddress([host, 8080], [[bound, 8080]])).toBe(expected);
  expect(isOwnAddress([host, 8081], [[bound, 8080]])).toBe(false);
});

test('every address of this machine is one where all are listened on', () => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) {
    expect(isOwnAddress([address, 80], [['::', 80]])).toBe(true);
  }
});
