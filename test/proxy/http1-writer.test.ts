import { describe, expect, it } from 'vitest';
import {
  requestBeforeBody,
  requestWithBody,
  responseBeforeBody,
  responseWithBody,
  wholeMessage,
} from '../../src/proxy/http1-writer.js';
import { Headers } from '../../src/proxy/message/headers.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';

type Fields = readonly (readonly [string, string])[];

const length3 = [['Content-Length', '3']] as const;
const length9 = [['Content-Length', '9']] as const;
const chunked = [['Transfer-Encoding', 'gzip, Chunked']] as const;

describe('a response whose body is at hand', () => {
  const ask = { method: 'GET', isHttp10: false };
  const old = { method: 'GET', isHttp10: true };

  function sent(fields: Fields, answered = ask, httpVersion = 'HTTP/1.1', statusCode = 200): string {
    const response = new Response({ statusCode, reason: 'OK', httpVersion, headers: new Headers(fields) });
    const body = Buffer.from('abc');
    return Buffer.concat(wholeMessage(responseWithBody(response, body, answered), body)).toString('latin1');
  }

  it.each([
    ['a code below 100', sent(length3, ask, 'HTTP/1.1', 0), 'HTTP/1.1 000 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['its length', sent(length3), 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['another length', sent(length9), 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['chunks', sent(chunked), 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
    [
      'chunks for HTTP/1.0',
      sent(chunked, old),
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
    ],
    ['neither', sent([]), 'HTTP/1.1 200 OK\r\n\r\nabc'],
    ['neither, of HTTP/2', sent([], ask, 'HTTP/2.0'), 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc'],
    ['HEAD', sent(length9, { ...ask, method: 'HEAD' }), 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
    ['304', sent(length9, ask, 'HTTP/1.1', 304), 'HTTP/1.1 304 OK\r\nContent-Length: 9\r\n\r\n'],
  ])('is sent so that it arrives: %s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });

  it.each(['03', '0000000000000000003', '3\t', '3, 3', '3 ,003'])(
    'keeps the length it tells its own way: %j',
    (value) => {
      expect(sent([['CONTENT-length', value]])).toBe(`HTTP/1.1 200 OK\r\nCONTENT-length: ${value}\r\n\r\nabc`);
    },
  );

  it.each(['+3', '3.0', '0x3', '3e0', '', '3,', '3, 4', '3 3', '3;'])(
    'tells it anew when nobody reads it: %j',
    (value) => {
      expect(sent([['CONTENT-length', value]])).toBe('HTTP/1.1 200 OK\r\nCONTENT-length: 3\r\n\r\nabc');
    },
  );

  it('has one length in place of several that differ', () => {
    expect(sent([...length3, ...length3])).toContain('Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc');
    expect(sent([...length3, ...length9])).toBe('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc');
  });

  it.each([
    [length9, ask, 'HTTP/1.1', 'length'],
    [chunked, ask, 'HTTP/1.1', 'chunks'],
    [chunked, old, 'HTTP/1.1', 'close'],
    [[], ask, 'HTTP/1.1', 'chunks'],
    [[], ask, 'HTTP/2.0', 'chunks'],
    [[], old, 'HTTP/1.1', 'close'],
    [[], ask, 'HTTP/1.0', 'close'],
  ] as const)('or is to follow: %j %j %s', (fields, answered, httpVersion, as) => {
    const response = new Response({ statusCode: 200, httpVersion, headers: new Headers(fields) });
    expect(responseBeforeBody(response, answered).as).toBe(as);
  });

  it('of any size is sent whole', () => {
    const body = Buffer.alloc(100_000, 'x');
    for (const fields of [[['Content-Length', '100000']], [['Transfer-Encoding', 'chunked']]] as const) {
      const response = new Response({ statusCode: 200, headers: new Headers(fields) });
      const all = Buffer.concat(wholeMessage(responseWithBody(response, body, ask), body)).toString('latin1');
      expect(all.slice(all.indexOf('\r\n\r\n') + 4)).toBe(
        fields[0][0] === 'Content-Length' ? body.toString() : `186a0\r\n${body.toString()}\r\n0\r\n\r\n`,
      );
    }
  });
});

describe('a request', () => {
  function head(init: Partial<ConstructorParameters<typeof Request>[0]>, absolute = false, body = ''): string {
    const request = new Request({ host: 'a.test', port: 80, ...init });
    const bytes = Buffer.from(body);
    return Buffer.concat(wholeMessage(requestWithBody(request, bytes, absolute), bytes)).toString('latin1');
  }

  it.each([
    ['a path', head({ path: '/x' }), 'GET /x HTTP/1.1\r\n\r\n'],
    ['a URL for a proxy', head({ path: '/x', port: 81 }, true), 'GET http://a.test:81/x HTTP/1.1\r\n\r\n'],
    ['the whole server', head({ path: '*', method: 'OPTIONS' }), 'OPTIONS * HTTP/1.1\r\n\r\n'],
    [
      'the whole server, for a proxy',
      head({ path: '*', method: 'OPTIONS' }, true),
      'OPTIONS http://a.test HTTP/1.1\r\n\r\n',
    ],
    ['bytes outside ASCII', head({ path: '/é', method: 'G\udcff' }), 'G\xff /\xc3\xa9 HTTP/1.1\r\n\r\n'],
    ['a body', head({ method: 'POST' }, false, 'abc'), 'POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc'],
    [
      'HTTP/2',
      head({
        method: 'POST',
        httpVersion: 'HTTP/2.0',
        authority: 'b.test',
        headers: [
          ['a', 'b'],
          ['cookie', 'c'],
          ['cookie', 'd'],
        ],
      }),
      'POST / HTTP/1.1\r\nHost: b.test\r\na: b\r\ncookie: c; d\r\ncontent-length: 0\r\n\r\n',
    ],
  ])('names what it is for: %s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });

  it('whose body is to follow is in chunks when its length is not told', () => {
    const request = new Request({ host: 'a', port: 80, method: 'POST' });
    expect(requestBeforeBody(request, false).as).toBe('chunks');
    request.headers.set('content-length', '3');
    expect(requestBeforeBody(request, false).as).toBe('length');
  });
});
