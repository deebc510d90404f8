import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Http1ResponseReader } from '../../src/wire/http1-reader.js';
import { bytewise, cut, drive } from './drive.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const okLines = ['head HTTP/1.1 200 OK | Content-Length: 2', 'data hi', 'end'];
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunkedLine = 'head HTTP/1.1 200 OK | Transfer-Encoding: chunked';

/** What comes in before the peer ends, and what a reader makes of it. */
const conversations: [name: string, bytes: string, lines: string[], method?: string][] = [
  ['a length', ok, okLines],
  ['several', ok + ok, [...okLines, ...okLines]],
  ['blank lines before and between', '\r\n' + ok + '\n\r\n' + ok, [...okLines, ...okLines]],
  ['until the end', 'HTTP/1.1 200 OK\r\n\r\nhello', ['head HTTP/1.1 200 OK', 'data hello', 'end']],
  ['until the end, empty', 'HTTP/1.1 200 OK\r\n\r\n', ['head HTTP/1.1 200 OK', 'end']],
  ['chunks', chunked + '2\r\nhi\r\n0\r\n\r\n' + ok, [chunkedLine, 'data hi', 'end', ...okLines]],
  ['chunks and trailers', chunked + '2\r\nhi\r\n0\r\nT: 1\r\n\r\n', [chunkedLine, 'data hi', 'trailers | T: 1', 'end']],
  ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', okLines],
  ['no reason', 'HTTP/1.1 204\r\n\r\n', ['head HTTP/1.1 204 ', 'end']],
  ['an empty reason', 'HTTP/1.1 204 \r\n\r\n', ['head HTTP/1.1 204 ', 'end']],
  ['any reason', 'HTTP/1.0 204 a  b\xff\x00\r\n\r\n', ['head HTTP/1.0 204 a  b\xff\x00', 'end']],
  ['any digits', 'HTTP/1.1 0204 x\r\n\r\n', ['head HTTP/1.1 0204 x', 'end']],
  ['a code of 25 digits', `HTTP/1.1 ${'9'.repeat(25)} x\r\n\r\n`, [`head HTTP/1.1 ${'9'.repeat(25)} x`, 'end']],
  [
    '304 with a length',
    'HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n',
    ['head HTTP/1.1 304 x | Content-Length: 9', 'end'],
  ],
  [
    'the answer to HEAD',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
    ['head HTTP/1.1 200 OK | Content-Length: 9', 'end'],
    'HEAD',
  ],
  [
    'the answer to CONNECT',
    'HTTP/1.1 200 Connection established\r\n\r\n',
    ['head HTTP/1.1 200 Connection established', 'end'],
    'CONNECT',
  ],
  [
    '1xx first',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n' + ok,
    ['informational HTTP/1.1 100 Continue', 'informational HTTP/1.1 103 Early Hints | Link: x', ...okLines],
  ],
  [
    '101 is the last',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
    ['head HTTP/1.1 101 Switching Protocols | Upgrade: websocket', 'end'],
  ],
  ['a folded field', 'HTTP/1.1 204 x\r\nA: 1\r\n 2\r\n\r\n', ['head HTTP/1.1 204 x | A: 1 2', 'end']],

  ['nothing', '', ['error Server disconnected']],
  ['a blank line', '\r\n', ['error Server disconnected']],
  [
    '1xx and nothing',
    'HTTP/1.1 100 Continue\r\n\r\n',
    ['informational HTTP/1.1 100 Continue', 'error Server disconnected'],
  ],
  ['a word', 'foo\r\n', ["error Bad HTTP response line: b'foo'"]],
  ['a word without a line end', 'foo', ["error Bad HTTP response line: b'foo'"]],
  ['a word and bad fields', 'foo\r\nbar\r\n\r\n', ["error Bad HTTP response line: b'foo'"]],
  ['two words', 'foo bar\n', ["error Bad HTTP response line: b'foo bar'"]],
  ['a code of letters', 'HTTP/1.1 2x0 OK\r\n', ["error Bad HTTP response line: b'HTTP/1.1 2x0 OK'"]],
  ['an unknown version', 'HTTP/9.9.9 200 OK\r\n', ["error Unknown HTTP version: b'HTTP/9.9.9'"]],
  ['another protocol', 'ICY 200 OK\r\n', ["error Unknown HTTP version: b'ICY'"]],
  [
    'a field without a colon',
    'HTTP/1.1 200 OK\r\nbadheader\r\n\r\n',
    ["error Invalid header line: b'badheader\\r\\n'"],
  ],
  [
    'a field without a colon among others',
    'HTTP/1.1 200 OK\r\nA: 1\r\nbadheader\nB: 2\r\n\r\n',
    ["error Invalid header line: b'badheader\\n'"],
  ],
  ['a field without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', ["error Invalid header line: b': x\\r\\n'"]],
  [
    'a field without a colon, and no more',
    'HTTP/1.1 200 OK\r\nbadheader\r\n',
    ["error Invalid header line: b'badheader\\r\\n'"],
  ],
  ['a bad length', 'HTTP/1.1 200 OK\r\nContent-Length: foo\r\n\r\n', ['error Unparseable Content Length']],
  [
    'lengths that differ',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\n',
    ['error Conflicting Content Length Headers'],
  ],
  ['a bad chunk size', chunked + 'zz\r\n', [chunkedLine, "error Invalid chunked encoding length: b'zz\\r\\n'"]],
  ['half a head', 'HTTP/1.1 200 OK\r\nA: 1\r\n', ['error Server disconnected after 23 bytes of a response head']],
  ['half a status line', 'HTTP/1.1 200 O', ['error Server disconnected after 14 bytes of a response head']],
  [
    'half a body',
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi',
    ['head HTTP/1.1 200 OK | Content-Length: 10', 'data hi', 'error body cut short: got 2 of 10 bytes'],
  ],
  [
    'none of a body',
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n',
    ['head HTTP/1.1 200 OK | Content-Length: 10', 'error body cut short: got 0 of 10 bytes'],
  ],
  [
    'half the chunks',
    chunked + '2\r\nhi\r\n',
    [chunkedLine, 'data hi', 'error body cut short: got 2 bytes, the last chunk is missing'],
  ],
];

const reader = (method = 'GET'): Http1ResponseReader =>
  Object.assign(new Http1ResponseReader(), { requestMethod: method });

describe.each(conversations)('%s', (_, text, lines, method) => {
  const bytes = Buffer.from(text, 'latin1');
  test('whole', () => expect(drive(reader(method), [bytes], true)).toEqual(lines));
  test('byte by byte', () => expect(drive(reader(method), bytewise(bytes), true)).toEqual(lines));
  test('in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (places) => {
        expect(drive(reader(method), cut(bytes, places), true)).toEqual(lines);
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ['foo\r\n', "Bad HTTP response line: b'foo'"],
  ['HTTP/9.9.9 200 OK\r\n', "Unknown HTTP version: b'HTTP/9.9.9'"],
  ['HTTP/1.1 200 OK\r\nbadheader\r\n', "Invalid header line: b'badheader\\r\\n'"],
])('what is wrong in %j is told before the rest is there', (text, message) => {
  expect(drive(reader(), [Buffer.from(text)])).toEqual([`error ${message}`]);
});

test('a code as a number and as sent', () => {
  const responses = reader();
  responses.receive(Buffer.from('HTTP/1.1 0200 OK\r\n\r\n'));
  const event = responses.next();
  expect(event?.type === 'head' && [event.head.code, event.head.codeText]).toEqual([200, '0200']);
});

test('the method counts for the response that is read next', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
  const responses = reader('HEAD');
  responses.receive(Buffer.from(head + head + 'hi'));
  expect([responses.next()?.type, responses.next()?.type]).toEqual(['head', 'end']);
  responses.requestMethod = 'GET';
  expect([responses.next()?.type, responses.next()?.type, responses.next()?.type]).toEqual(['head', 'data', 'end']);
});

test('the bytes behind a 101 are frames', () => {
  const responses = reader();
  responses.receive(Buffer.from('HTTP/1.1 101 x\r\n\r\n\x81\x02hi', 'latin1'));
  expect([responses.next()?.type, responses.next()?.type]).toEqual(['head', 'end']);
  expect(responses.detach().toString('latin1')).toBe('\x81\x02hi');
});

test('whatever comes, it throws nothing but a ProtocolError, and the split does not matter', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ok,
      chunked,
      '\r\n',
      '\n',
      '\r',
      ' ',
      ':',
      '0\r\n',
      '2\r\nhi\r\n',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 100 x\r\n\r\n',
      'A: 1\r\n',
    ),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.boolean(),
      (pieces, places, end) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        const whole = drive(reader(), [bytes], end);
        expect(drive(reader(), bytewise(bytes), end)).toEqual(whole);
        expect(drive(reader(), cut(bytes, places), end)).toEqual(whole);
      },
    ),
    { numRuns: 500 },
  );
});
