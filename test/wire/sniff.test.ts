import { expect, test } from 'vitest';
import { sniff } from '../../src/wire/sniff.js';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

test.each<[string | number[], ReturnType<typeof sniff>]>([
  ['', undefined],
  [[22], undefined],
  [[22, 3], 'tls'],
  [[22, 3, 1, 2, 0, 1], 'tls'],
  [[22, 4], 'unknown'],
  ['P', undefined],
  ['PR', undefined],
  ['PRO', 'http1'],
  ['PRI', undefined],
  [preface.slice(0, -1), undefined],
  [preface, 'http2'],
  [`${preface}more`, 'http2'],
  ['PRI * HTTP/2.0\r\n\r\nXX', 'http1'],
  ['POST /', 'http1'],
  ['G', 'http1'],
  ['\r\nGET', 'http1'],
  [[5, 1, 0], 'unknown'],
  [[0], 'unknown'],
  [[0x80, 0x2e, 1], 'unknown'],
  ['(', 'unknown'],
])('%j begins %s', (bytes, protocol) => {
  expect(sniff(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes))).toBe(protocol);
});
