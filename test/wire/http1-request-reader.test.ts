import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { Http1RequestReader } from '../../src/wire/http1-reader.js';
import { bytewise, cut, drive } from './drive.js';

const get = 'GET / HTTP/1.1\r\n\r\n';
const chunked = 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunkedLine = 'head POST /c HTTP/1.1 | Transfer-Encoding: chunked';

/** What comes in, as ISO 8859-1 text, and what a reader makes of it. */
const conversations: [name: string, bytes: string, lines: string[]][] = [
  ['a GET', 'GET /p/200 HTTP/1.1\r\nHost: h\r\n\r\n', ['head GET /p/200 HTTP/1.1 | Host: h', 'end']],
  ['no fields', get, ['head GET / HTTP/1.1', 'end']],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', ['head GET / HTTP/1.0', 'end']],
  ['another version of two digits', 'GET / HTTP/9.7\r\n\r\n', ['head GET / HTTP/9.7', 'end']],
  ['bare LF', 'GET / HTTP/1.1\nA: 1\n\n', ['head GET / HTTP/1.1 | A: 1', 'end']],
  ['line ends mixed', 'GET / HTTP/1.1\nA: 1\r\n\n', ['head GET / HTTP/1.1 | A: 1', 'end']],
  ['leading blank lines', '\r\n\n\r\n' + get, ['head GET / HTTP/1.1', 'end']],
  ['blank lines between', get + '\r\n' + get + '\n', ['head GET / HTTP/1.1', 'end', 'head GET / HTTP/1.1', 'end']],
  ['any method', 'pUrGe\x80 / HTTP/1.1\r\n\r\n', ['head pUrGe\x80 / HTTP/1.1', 'end']],
  ['spaces in the target', 'GET /a b  c HTTP/1.1\r\n\r\n', ['head GET /a b  c HTTP/1.1', 'end']],
  ['spaces around', ' GET \t /x \t HTTP/1.1 \r\n\r\n', ['head GET /x HTTP/1.1', 'end']],
  ['any bytes in the target', 'GET /\x00\xff% HTTP/1.1\r\n\r\n', ['head GET /\x00\xff% HTTP/1.1', 'end']],
  ['a CR in the target', 'GET /\rx HTTP/1.1\r\n\r\n', ['head GET /\rx HTTP/1.1', 'end']],
  ['proxy form', 'GET http://h:1/x HTTP/1.1\r\n\r\n', ['head GET http://h:1/x HTTP/1.1', 'end']],
  ['CONNECT', 'CONNECT h:443 HTTP/1.1\r\n\r\n', ['head CONNECT h:443 HTTP/1.1', 'end']],
  ['an odd field', 'GET / HTTP/1.1\r\njunk\r\n: x\r\n\r\n', ['head GET / HTTP/1.1 | junk:  | : x', 'end']],
  ['a folded field', 'GET / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n', ['head GET / HTTP/1.1 | A: 1 2', 'end']],
  ['a line of white space is not blank', 'GET / HTTP/1.1\r\n \r\n\r\n', ['head GET / HTTP/1.1 | : ', 'end']],
  [
    'a length',
    'PUT / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\nabc',
    ['head PUT / HTTP/1.1 | content-LENGTH: 3', 'data abc', 'end'],
  ],
  ['length 0', 'PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', ['head PUT / HTTP/1.1 | Content-Length: 0', 'end']],
  ['not a length', 'PUT / HTTP/1.1\r\nContent-Length : 3\r\n\r\n', ['head PUT / HTTP/1.1 | Content-Length : 3', 'end']],
  [
    'a length, then more',
    'PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc' + get,
    ['head PUT / HTTP/1.1 | Content-Length: 3', 'data abc', 'end', 'head GET / HTTP/1.1', 'end'],
  ],
  [
    'a body that looks like a request',
    `PUT / HTTP/1.1\r\nContent-Length: ${get.length}\r\n\r\n${get}`,
    [`head PUT / HTTP/1.1 | Content-Length: ${get.length}`, `data ${get}`, 'end'],
  ],
  ['chunks', chunked + '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n', [chunkedLine, 'data abc0123456789', 'end']],
  ['chunks with bare LF', chunked + '3\nabc\n0\n\n', [chunkedLine, 'data abc', 'end']],
  ['chunks with zeros and spaces', chunked + '0003 \r\nabc\r\n000\r\n\r\n', [chunkedLine, 'data abc', 'end']],
  ['no chunk but the last', chunked + '0\r\n\r\n' + get, [chunkedLine, 'end', 'head GET / HTTP/1.1', 'end']],
  [
    'trailers',
    chunked + '1\r\na\r\n0\r\nT: 1\r\nU:2\r\n\r\n' + get,
    [chunkedLine, 'data a', 'trailers | T: 1 | U: 2', 'end', 'head GET / HTTP/1.1', 'end'],
  ],
  [
    'chunked over a length',
    'POST /c HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ['head POST /c HTTP/1.1 | Content-Length: 1 | Transfer-Encoding: chunked', 'end'],
  ],
  ['many in one', get.repeat(3), Array.from({ length: 3 }, () => ['head GET / HTTP/1.1', 'end']).flat()],

  ['a word', 'foo\r\n', ["error Bad HTTP request line: b'foo'"]],
  ['a word and a head', 'foo\r\nA: 1\r\n\r\n', ["error Bad HTTP request line: b'foo'"]],
  ['garbage', '\x16\x03\x01\x00\n', ["error Bad HTTP request line: b'\\x16\\x03\\x01\\x00'"]],
  ['no target', 'GET HTTP/1.1\r\n', ["error Bad HTTP request line: b'GET HTTP/1.1'"]],
  ['only spaces', '   \r\n', ["error Bad HTTP request line: b'   '"]],
  ['no version', 'GET /\r\n', ["error Bad HTTP request line: b'GET /'"]],
  ['another protocol', 'GET / FOO/1.1\r\n', ["error Unknown HTTP version: b'FOO/1.1'"]],
  ['a version in lower case', 'GET / http/1.1\r\n', ["error Unknown HTTP version: b'http/1.1'"]],
  ['a version of three numbers', 'GET / HTTP/1.1.1\r\n', ["error Unknown HTTP version: b'HTTP/1.1.1'"]],
  ['a version of one number', 'GET / HTTP/11\r\n', ["error Unknown HTTP version: b'HTTP/11'"]],
  ['bad behind good', get + 'foo\r\n', ['head GET / HTTP/1.1', 'end', "error Bad HTTP request line: b'foo'"]],
  ['a bad length', 'GET / HTTP/1.1\r\nContent-Length: foo\r\n\r\n', ['error Unparseable Content Length']],
  [
    'lengths that differ',
    'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ['error Conflicting Content Length Headers'],
  ],
  ['a bad chunk size', chunked + 'zz\r\n', [chunkedLine, "error Invalid chunked encoding length: b'zz\\r\\n'"]],
  ['no chunk size', chunked + '\r\n', [chunkedLine, "error Invalid chunked encoding length: b'\\r\\n'"]],
  ['a chunk size below 0', chunked + '-1\r\n', [chunkedLine, "error Invalid chunked encoding length: b'-1\\r\\n'"]],
  ['a chunk size with 0x', chunked + '0x1\r\n', [chunkedLine, "error Invalid chunked encoding length: b'0x1\\r\\n'"]],
  [
    'a huge chunk size',
    chunked + 'fffffffffffffff\n',
    [chunkedLine, "error Invalid chunked encoding length: b'fffffffffffffff\\n'"],
  ],
  [
    'a chunk that is too long',
    chunked + '1\r\nabc',
    [chunkedLine, 'data a', "error Malformed chunked body: b'b' where a chunk must end"],
  ],
];

const reader = (): Http1RequestReader => new Http1RequestReader();

describe.each(conversations)('%s', (_, text, lines) => {
  const bytes = Buffer.from(text, 'latin1');
  test('whole', () => expect(drive(reader(), [bytes])).toEqual(lines));
  test('byte by byte', () => expect(drive(reader(), bytewise(bytes))).toEqual(lines));
  test('in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (places) => {
        expect(drive(reader(), cut(bytes, places))).toEqual(lines);
      }),
      { numRuns: 30 },
    );
  });
});

describe('when the peer ends', () => {
  test.each([
    ['', []],
    [get, ['head GET / HTTP/1.1', 'end']],
    ['\r\n', []],
    ['foo', ["error Bad HTTP request line: b'foo'"]],
    ['GET /', ["error Bad HTTP request line: b'GET /'"]],
    ['GET / HTTP/1.', ["error Unknown HTTP version: b'HTTP/1.'"]],
    ['GET / HTTP/1.1\r\nHos', []],
    [
      'PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc',
      ['head PUT / HTTP/1.1 | Content-Length: 9', 'data abc', 'error body cut short: got 3 of 9 bytes'],
    ],
    [chunked + '4\r\nab', [chunkedLine, 'data ab', 'error body cut short: got 2 bytes, the last chunk is missing']],
    [chunked + '0\r\nT: 1\r\n', [chunkedLine, 'error body cut short: got 0 bytes, the last chunk is missing']],
    [chunked + 'zz', [chunkedLine, "error Invalid chunked encoding length: b'zz'"]],
    [chunked + '1', [chunkedLine, 'error body cut short: got 0 bytes, the last chunk is missing']],
  ])('after %j', (text, lines) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(drive(reader(), [bytes], true)).toEqual(lines);
    expect(drive(reader(), bytewise(bytes), true)).toEqual(lines);
  });

  test('within a head, the reader is in the middle of a message', () => {
    const requests = reader();
    requests.receive(Buffer.from('GET / HTTP/1.1\r\nHos'));
    expect([requests.next(), requests.midMessage]).toEqual([undefined, true]);
    requests.receive(Buffer.from('t: h\r\n\r\n'));
    expect([requests.next()?.type, requests.midMessage, requests.next()?.type, requests.midMessage]).toEqual([
      'head',
      true,
      'end',
      false,
    ]);
  });
});

describe('a head', () => {
  test('is made of views of what came', () => {
    const chunk = Buffer.from('POST /x HTTP/1.1\r\nA: 1\r\nExpect: 100-continue\r\n\r\nrest');
    const requests = reader();
    requests.receive(chunk);
    const event = requests.next();
    if (event?.type !== 'head') throw new Error('no head');
    const { head } = event;
    expect(head.bytes.toString()).toBe(chunk.subarray(0, -4).toString());
    expect(head.startLine.toString()).toBe('POST /x HTTP/1.1');
    expect(head.fieldLines.toString()).toBe('A: 1\r\nExpect: 100-continue\r\n');
    expect([head.targetText, head.target.toString()]).toEqual(['/x', '/x']);
    expect([head.mayHave('expect'), head.mayHave('upgrade')]).toEqual([true, false]);
    expect([head.values('expect'), head.values('upgrade')]).toEqual([['100-continue'], []]);
    for (const view of [head.bytes, head.startLine, head.fieldLines, head.target])
      expect(view.buffer).toBe(chunk.buffer);
    expect(head.headers).toBe(head.headers);
  });

  test('may be told by any case of the fields that matter', () => {
    const requests = reader();
    requests.receive(Buffer.from('GET / HTTP/1.1\nUPGRADE: a\nupgrade: b\nX-Upgrade: c\n\n'));
    const event = requests.next();
    expect(event?.type === 'head' && event.head.values('upgrade')).toEqual(['a', 'b']);
  });
});

test('a head whose body has no length that can be read is kept, though the reader fails', () => {
  const requests = reader();
  requests.receive(Buffer.from('POST /x HTTP/1.1\r\nA: 1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'));
  expect(requests.refusedHead).toBeUndefined();
  expect(() => requests.next()).toThrow('Conflicting Content Length Headers');
  expect(() => requests.next()).toThrow('Conflicting Content Length Headers');
  const { refusedHead } = requests;
  expect(refusedHead?.startLine.toString()).toBe('POST /x HTTP/1.1');
  expect(refusedHead?.values('content-length')).toEqual(['3', '4']);
  const bad = reader();
  bad.receive(Buffer.from('NOPE\r\n\r\n'));
  expect(() => bad.next()).toThrow('Bad HTTP request line');
  expect(bad.refusedHead).toBeUndefined();
});

test('the bytes behind a message are for the next protocol', () => {
  const requests = reader();
  requests.receive(Buffer.from('GET /ws HTTP/1.1\r\n\r\n\x81\x00\r\n', 'latin1'));
  expect([requests.next()?.type, requests.next()?.type]).toEqual(['head', 'end']);
  expect(requests.detach().toString('latin1')).toBe('\x81\x00\r\n');
  expect([requests.waiting, requests.midMessage, requests.next()]).toEqual([0, false, undefined]);
});

describe('bounds', () => {
  test('a header line of 1 MiB passes', () => {
    const value = 'x'.repeat(1024 * 1024);
    expect(drive(reader(), [Buffer.from(`GET / HTTP/1.1\r\nA: ${value}\r\n\r\n`)])).toEqual([
      `head GET / HTTP/1.1 | A: ${value}`,
      'end',
    ]);
  });

  test('a head of any other length does not', () => {
    const bounded = (): Http1RequestReader => new Http1RequestReader({ maximumHead: 40 });
    const exact = Buffer.from(`GET / HTTP/1.1\r\nA: ${'x'.repeat(17)}\r\n\r\n`);
    expect(exact).toHaveLength(40);
    const long = Buffer.from(`GET / HTTP/1.1\r\nA: ${'x'.repeat(18)}\r\n\r\n`);
    for (const pieces of [(bytes: Buffer) => [bytes], bytewise]) {
      expect(drive(bounded(), pieces(exact))).toHaveLength(2);
      expect(drive(bounded(), pieces(long))).toEqual(['error the head has more than 40 bytes']);
      expect(drive(bounded(), pieces(Buffer.alloc(41, 'a')))).toEqual(['error the head has more than 40 bytes']);
    }
  });

  test.each(['1'.repeat(70_000), `1;${'x'.repeat(70_000)}\r\n`])('a chunk size line has one', (line) => {
    const message = 'error a line of the chunked body has more than 65536 bytes';
    expect(drive(reader(), [Buffer.from(chunked + line)])).toEqual([chunkedLine, message]);
    expect(drive(reader(), [Buffer.from(chunked), ...bytewise(Buffer.from(line))])).toEqual([chunkedLine, message]);
  });

  test('trailers have one', () => {
    const bytes = Buffer.from(`${chunked}0\r\n${`T: ${'x'.repeat(100)}\r\n`.repeat(700)}`);
    expect(drive(reader(), [bytes])).toEqual([chunkedLine, 'error the trailers have more than 65536 bytes']);
  });

  test('a complaint does not show all of a long line', () => {
    const [line = ''] = drive(reader(), [Buffer.from(`${'\x00'.repeat(1024 * 1024)}\n`)]);
    expect(line.length).toBeLessThan(20_000);
  });
});

test('after a failure it says the same ever after', () => {
  const requests = reader();
  requests.receive(Buffer.from('foo\r\n\r\n' + get));
  expect(() => requests.next()).toThrow("Bad HTTP request line: b'foo'");
  requests.receive(Buffer.from(get));
  expect(() => requests.next()).toThrow("Bad HTTP request line: b'foo'");
});

test('whatever comes, it throws nothing but a ProtocolError, and the split does not matter', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      get,
      chunked,
      '\r\n',
      '\n',
      '\r',
      ' ',
      ':',
      '0\r\n',
      '3\r\nabc\r\n',
      'Content-Length: 2\r\n',
      'GET / HTTP/1.1\r\n',
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

test('random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const requests = reader();
      requests.receive(Buffer.from(bytes));
      requests.finish();
      try {
        while (requests.next() !== undefined);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

test.each([
  ['a head', `GET / HTTP/1.1\r\nA: ${'x'.repeat(30_000)}`],
  ['a head of many lines', `GET / HTTP/1.1\r\n${'a\r\n'.repeat(10_000)}`],
  ['a request line', `GET /${'x'.repeat(30_000)}`],
  ['blank lines', '\r\n'.repeat(15_000)],
  ['a chunk size', `${chunked}1;${'x'.repeat(30_000)}`],
])('%s that comes byte by byte is linear work', (_, text) => {
  const requests = reader();
  const search = vi.spyOn(Buffer.prototype, 'indexOf');
  const copy = vi.spyOn(Uint8Array.prototype, 'set');
  let searched = 0;
  let copied = 0;
  const bytes = bytewise(Buffer.from(text));
  try {
    for (const byte of bytes) {
      requests.receive(byte);
      while (requests.next() !== undefined);
      search.mock.results.forEach(({ value }, i) => {
        const memory = search.mock.contexts[i] as unknown as Buffer;
        searched += (value === -1 ? memory.length : Number(value) + 1) - Number(search.mock.calls[i]?.[1] ?? 0);
      });
      for (const [source] of copy.mock.calls) copied += source.length;
      search.mockClear();
      copy.mockClear();
    }
  } finally {
    search.mockRestore();
    copy.mockRestore();
  }
  expect(searched).toBeLessThan(3 * bytes.length);
  expect(copied).toBeLessThan(4 * bytes.length);
});
