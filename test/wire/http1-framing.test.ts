import { describe, expect, test } from 'vitest';
import { expectsContinue, requestFraming, responseFraming } from '../../src/wire/http1-framing.js';

/** Values of a field, split at `;` here; undefined for a field that is not there. */
const values = (text: string | undefined): string[] => text?.split(';') ?? [];
const shown = (framing: () => ReturnType<typeof requestFraming>): string => {
  try {
    const found = framing();
    return found.by === 'length' ? `length ${String(found.length)}` : found.by;
  } catch (error) {
    return (error as Error).message;
  }
};

const unparseable = 'Unparseable Content Length';
const conflicting = 'Conflicting Content Length Headers';

// prettier-ignore
const fieldRows: [contentLength: string | undefined, transferEncoding: string | undefined, request: string, response: string][] = [
  [undefined,      undefined,        'none',       'close'],
  ['0',            undefined,        'none',       'none'],
  ['5',            undefined,        'length 5',   'length 5'],
  [' 5 ',          undefined,        'length 5',   'length 5'],
  ['005',          undefined,        'length 5',   'length 5'],
  ['5;5',          undefined,        'length 5',   'length 5'],
  ['5, 5',         undefined,        'length 5',   'length 5'],
  ['5;05',         undefined,        'length 5',   'length 5'],
  ['5;6',          undefined,        conflicting,  conflicting],
  ['5, 6',         undefined,        conflicting,  conflicting],
  ['5;foo',        undefined,        conflicting,  conflicting],
  ['foo',          undefined,        unparseable,  unparseable],
  ['foo;foo',      undefined,        unparseable,  unparseable],
  ['',             undefined,        unparseable,  unparseable],
  ['-1',           undefined,        unparseable,  unparseable],
  ['+1',           undefined,        unparseable,  unparseable],
  ['1.0',          undefined,        unparseable,  unparseable],
  ['0x10',         undefined,        unparseable,  unparseable],
  ['9007199254740991', undefined,    'length 9007199254740991', 'length 9007199254740991'],
  ['9007199254740992', undefined,    unparseable,  unparseable],
  ['9'.repeat(400), undefined,       unparseable,  unparseable],
  [undefined,      'chunked',        'chunks',     'chunks'],
  [undefined,      ' Chunked ',      'chunks',     'chunks'],
  [undefined,      'gzip, chunked',  'chunks',     'chunks'],
  [undefined,      'gzip;chunked',   'chunks',     'chunks'],
  ['5',            'chunked',        'chunks',     'chunks'],
  ['foo',          'chunked',        'chunks',     'chunks'],
  ['5;6',          'chunked',        'chunks',     'chunks'],
  ['5',            'identity',       'length 5',   'length 5'],
  ['5',            'chunked, gzip',  'length 5',   'close'],
  [undefined,      'xchunked',       'none',       'close'],
  [undefined,      'chunkedx',       'none',       'close'],
  [undefined,      '\tchunked\t',    'chunks',     'chunks'],
  [undefined,      '\x0bchunked',    'none',       'close'],
  [undefined,      'gzip,\x0cchunked', 'none',     'close'],
  [undefined,      'chunked\xa0',    'none',       'close'],
  [undefined,      'chun\u212aed',   'none',       'close'],
  ['\t5 ',         undefined,        'length 5',   'length 5'],
  ['\x0b5',        undefined,        unparseable,  unparseable],
  ['5\xa0',        undefined,        unparseable,  unparseable],
];

describe('the length of a body', () => {
  test.each(fieldRows)(
    'Content-Length %j, Transfer-Encoding %j',
    (contentLength, transferEncoding, request, response) => {
      const fields = { contentLength: values(contentLength), transferEncoding: values(transferEncoding) };
      expect(shown(() => requestFraming(fields))).toBe(request);
      expect(shown(() => responseFraming(200, 'GET', fields))).toBe(response);
    },
  );

  // prettier-ignore
  test.each<[code: number, method: string, framing: string]>([
    [100, 'GET', 'none'], [101, 'GET', 'none'], [199, 'POST', 'none'],
    [204, 'GET', 'none'], [304, 'GET', 'none'],
    [200, 'HEAD', 'none'], [404, 'HEAD', 'none'],
    [200, 'CONNECT', 'none'], [299, 'CONNECT', 'none'],
    [407, 'CONNECT', 'length 5'], [300, 'CONNECT', 'length 5'],
    [200, 'GET', 'length 5'], [205, 'GET', 'length 5'], [500, 'get', 'length 5'], [800, 'GET', 'length 5'],
    [99, 'GET', 'length 5'], [0, 'GET', 'length 5'], [200, 'head', 'length 5'],
  ])('a %d to %s', (code, method, framing) => {
    expect(shown(() => responseFraming(code, method, { contentLength: ['5'], transferEncoding: [] }))).toBe(framing);
    if (framing !== 'none') return;
    const odd = { contentLength: ['foo', 'bar'], transferEncoding: ['chunked'] };
    expect(shown(() => responseFraming(code, method, odd))).toBe('none');
  });

  test.each<[expect: string[], version: string, asks: boolean]>([
    [['100-continue'], 'HTTP/1.1', true],
    [[' 100-Continue '], 'HTTP/1.1', true],
    [['x', '100-continue'], 'HTTP/1.1', true],
    [['100-continue'], 'HTTP/1.0', false],
    [['100'], 'HTTP/1.1', false],
    [['\x0b100-continue'], 'HTTP/1.1', false],
    [[], 'HTTP/1.1', false],
  ])('Expect %j in %s asks for a 100: %s', (fields, version, asks) => {
    expect(expectsContinue(fields, version)).toBe(asks);
  });
});
