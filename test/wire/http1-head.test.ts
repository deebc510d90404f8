import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { RequestHead, ResponseHead, withoutLineEnd } from '../../src/wire/http1-head.js';
import type { HeadPlace } from '../../src/wire/http1-head.js';

/** A head that lies among other bytes, which must not show. */
function place(text: string): HeadPlace {
  const [before, after] = ['GET /before HTTP/1.0\r\n\r\n', '\r\nGET /after HTTP/1.0\r\n\r\n'];
  const start = before.length;
  const memory = Buffer.from(before + text + after, 'latin1');
  return { memory, start, lineEnd: start + text.indexOf('\n') + 1, end: start + text.length };
}

describe.each([
  ['CRLF', '\r\n'],
  ['LF', '\n'],
])('heads with lines ended by %s', (_, eol) => {
  test('a request with fields', () => {
    const text = `PUT /\xff HTTP/1.0${eol}A: 1${eol}B: 2${eol}${eol}`;
    const head = new RequestHead(place(text));
    expect([head.method, head.targetText, head.httpVersion]).toEqual(['PUT', '/\xff', 'HTTP/1.0']);
    expect(head.target).toEqual(Buffer.from('/\xff', 'latin1'));
    expect(head.target).toBe(head.target);
    expect(head.bytes.toString('latin1')).toBe(text);
    expect(head.length).toBe(text.length);
    expect(head.heldMemory).toBeGreaterThan(text.length);
    expect(head.startLine.toString('latin1')).toBe('PUT /\xff HTTP/1.0');
    expect(head.fieldLines.toString('latin1')).toBe(`A: 1${eol}B: 2${eol}`);
    expect(head.headers.entries()).toEqual([
      ['A', '1'],
      ['B', '2'],
    ]);
  });

  test('a request without fields', () => {
    const head = new RequestHead(place(`GET / HTTP/1.1${eol}${eol}`));
    expect([head.method, head.fieldLines.length, head.headers.size]).toEqual(['GET', 0, 0]);
  });

  test.each([
    ['HTTP/1.1 200 OK', 200, '200', 'OK'],
    ['HTTP/1.1 0200 OK', 200, '0200', 'OK'],
    ['HTTP/1.1 200', 200, '200', ''],
    ['HTTP/1.1 200 ', 200, '200', ''],
    ["HTTP/1.1 418  I'm a teapot ", 418, '418', "I'm a teapot"],
    ['HTTP/1.0\t999\t\xe9\x01', 999, '999', '\xe9\x01'],
    [`HTTP/1.1 ${'9'.repeat(25)} x`, 1e25, '9'.repeat(25), 'x'],
  ])('the response %j', (line, code, codeText, reason) => {
    const head = new ResponseHead(place(`${line}${eol}A: 1${eol}${eol}`));
    expect([head.code, head.codeText, head.reason.toString('latin1')]).toEqual([code, codeText, reason]);
    expect(head.httpVersion).toBe(line.slice(0, 8));
    expect(head.headers.get('a')).toBe('1');
  });

  test('a line by itself', () => {
    expect(withoutLineEnd(Buffer.from(`ab\r${eol}`)).toString()).toBe(eol === '\n' ? 'ab' : 'ab\r');
    expect(withoutLineEnd(Buffer.from(eol))).toHaveLength(0);
    expect(withoutLineEnd(Buffer.from('ab')).toString()).toBe('ab');
  });
});

describe('a complaint names only the line that it is about', () => {
  test.each([
    ['foo\r\n', "Bad HTTP request line: b'foo'"],
    ['GET /\r\n', "Bad HTTP request line: b'GET /'"],
    ['GET / X\r\n', "Unknown HTTP version: b'X'"],
  ])('request %j', (text, message) => {
    expect(() => new RequestHead(place(text))).toThrow(new ProtocolError(message));
  });

  test.each([
    ['foo\r\n', "Bad HTTP response line: b'foo'"],
    ['HTTP/1.1 2x0 OK\r\n', "Bad HTTP response line: b'HTTP/1.1 2x0 OK'"],
    ['HTTP/9.9.9 200 OK\r\n', "Unknown HTTP version: b'HTTP/9.9.9'"],
  ])('response %j', (text, message) => {
    expect(() => new ResponseHead(place(text))).toThrow(new ProtocolError(message));
  });

  test('and no more than a part of one that is huge', () => {
    const line = 'x'.repeat(100_000);
    expect(() => new RequestHead(place(`${line}\r\n`))).toThrow(
      new ProtocolError(`Bad HTTP request line: b'${'x'.repeat(4096)}' and 95904 bytes more`),
    );
  });
});
