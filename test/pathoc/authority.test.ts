import { expect, test } from 'vitest';
import { parseAuthority } from '../../src/pathoc/authority.js';

test.each([
  ['localhost', { host: 'localhost' }],
  ['example.com:8080', { host: 'example.com', port: 8080 }],
  ['127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
  ['::1', { host: '::1' }],
  ['[::1]', { host: '::1' }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['a:b:80', undefined],
  ['[localhost]:80', undefined],
  ['a b:80', undefined],
  ['host:80x', undefined],
  ['http://host/', undefined],
])('%s', (text, authority) => {
  expect(parseAuthority(text)).toEqual(authority);
});
