import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  http1Headers,
  readHeaders,
  readRequest,
  readResponse,
  requestFields,
  responseFields,
} from '../../src/proxy/http2-message.js';
import { Headers } from '../../src/proxy/message/headers.js';
import type { HeadersInit } from '../../src/proxy/message/headers.js';
import { Request } from '../../src/proxy/message/request.js';
import type { RequestInit } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import type { FieldPart } from '../../src/wire/hpack-encoder.js';

const list = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([name, value]) => ({ name, value, neverIndexed: false }));

const shown = (fields: readonly FieldPart[]): string[] =>
  fields.map(({ name, value }) => `${String(name)}=${String(value)}`);

const request = (init: Partial<RequestInit>, headers: HeadersInit = []): Request =>
  new Request({ scheme: 'https', host: 'h', port: 443, path: '/p', headers: new Headers(headers), ...init });

const plain = { normalize: true, validate: true };

describe('a request', () => {
  test.each([
    ['example.com', 'https', 'example.com', 443],
    ['example.com', 'http', 'example.com', 80],
    ['example.com:8443', 'https', 'example.com', 8443],
    ['[::1]:1', 'https', '::1', 1],
  ])('leads where :authority %s says', (authority, scheme, host, port) => {
    const fields = list([
      [':method', 'GET'],
      [':scheme', scheme],
      [':path', '/'],
      [':authority', authority],
    ]);
    expect(readRequest(fields, 5)).toMatchObject({ host, port, authority, timestampStart: 5, httpVersion: 'HTTP/2.0' });
  });

  test('leads where its Host field says without one', () => {
    const fields = list([
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/'],
      ['host', 'other:1'],
    ]);
    expect(readRequest(fields, 0)).toMatchObject({ host: 'other', port: 1, authority: '' });
  });

  test('is none without :method or :path', () => {
    expect(readRequest(list([[':path', '/']]), 0)).toBe(undefined);
    expect(readRequest(list([[':method', 'GET']]), 0)).toBe(undefined);
    expect(readRequest(list([[':method', 'CONNECT']]), 0)?.firstLineFormat).toBe('authority');
  });

  test('of HTTP/1 gets its :authority from Host', () => {
    expect(shown(requestFields(request({}, { Host: 'a:1', 'X-A': 'b' }), plain))).toEqual([
      ...[':method=GET', ':scheme=https', ':authority=a:1', ':path=/p', 'x-a=b'],
    ]);
  });

  test('of HTTP/2 keeps a Host field beside it', () => {
    const sent = request({ httpVersion: 'HTTP/2.0', authority: 'a' }, { host: 'a' });
    expect(shown(requestFields(sent, plain))).toContain('host=a');
  });

  test('has no fields of HTTP/1, and of TE only trailers', () => {
    const headers: HeadersInit = [
      ['Connection', 'close, TE, X-Hop'],
      ['Keep-Alive', '1'],
      ['Proxy-Connection', 'x'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'x'],
      ['X-Hop', '1'],
      ['TE', 'gzip, trailers;q=0.5'],
    ];
    expect(shown(requestFields(request({}, headers), plain)).slice(3)).toEqual(['te=trailers']);
    expect(shown(requestFields(request({}, { te: 'gzip' }), plain)).slice(3)).toEqual([]);
  });

  test('keeps names as they are when nobody normalizes, if it came over HTTP/2', () => {
    const options = { normalize: false, validate: true };
    expect(shown(requestFields(request({ httpVersion: 'HTTP/2.0' }, { 'X-A': 'b' }), options))).toContain('X-A=b');
    expect(shown(requestFields(request({}, { 'X-A': 'b' }), options))).toContain('x-a=b');
  });

  test('does not let secrets be guessed', () => {
    const fields = requestFields(request({}, { authorization: 'x', cookie: 'a=1', accept: '*/*' }), plain);
    const secret = fields.filter(({ neverIndexed }) => neverIndexed === true).map(({ name }) => name);
    expect(secret).toEqual(['authorization', 'cookie']);
  });

  test('over HTTP/1 has a Host field and one Cookie field', () => {
    const headers: HeadersInit = [
      ['cookie', 'a=1'],
      ['x', 'y'],
      ['cookie', 'b=2'],
    ];
    const sent = request({ httpVersion: 'HTTP/2.0', authority: 'a:1' }, headers);
    expect([...http1Headers(sent)]).toEqual([
      ['Host', 'a:1'],
      ['cookie', 'a=1; b=2'],
      ['x', 'y'],
    ]);
    expect(sent.headers.size).toBe(3);
    const plainOne = request({}, headers);
    expect(http1Headers(plainOne)).toBe(plainOne.headers);
  });
});

describe('a response', () => {
  test('has a status, and no reason', () => {
    expect(readResponse(list([[':status', '418']]), 1)).toMatchObject({ statusCode: 418, reason: '' });
    expect(readResponse(list([[':status', 'x']]), 1)).toBe(undefined);
    expect(readResponse(list([]), 1)).toBe(undefined);
  });

  test('gets the length that it is to have, where it tells one', () => {
    const response = new Response({ statusCode: 200, headers: { 'Content-Length': '9' } });
    expect(shown(responseFields(response, plain, 4))).toEqual([':status=200', 'content-length=4']);
    expect(shown(responseFields(response, plain))).toEqual([':status=200', 'content-length=9']);
    for (const [told, sent] of [
      ['004', '004'],
      ['0000000000000004', '4'],
      ['4, 4', '4'],
    ] as const) {
      response.headers.set('Content-Length', told);
      expect(shown(responseFields(response, plain, 4))).toEqual([':status=200', `content-length=${sent}`]);
    }
    expect(shown(responseFields(new Response({ statusCode: 200 }), plain, 4))).toEqual([':status=200']);
  });
});

test('fields survive, whatever their bytes', () => {
  const name = fc.stringMatching(/^x-[a-z0-9-]{1,8}$/);
  const value = fc.uint8Array({ maxLength: 12 }).map((bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\0\r\n]/g, '')
      .replace(/^[ \t]+|[ \t]+$/g, ''),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
      const headers = readHeaders(list(pairs));
      const response = new Response({ httpVersion: 'HTTP/2.0', statusCode: 200, headers });
      const wanted = pairs.map(([key, text]) => `${key}=${text}`);
      expect(shown(responseFields(response, plain)).slice(1)).toEqual(wanted);
      // The same when somebody has looked at them.
      expect(headers.fields.length).toBe(pairs.length);
      expect(shown(responseFields(response, plain)).slice(1)).toEqual(wanted);
    }),
  );
});
