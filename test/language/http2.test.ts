import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FileAccessDenied, RenderError, SpecError } from '../../src/errors.js';
import { draw } from '../../src/language/layout.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import {
  Http2RequestMessage,
  Http2ResponseMessage,
  parseHttp2Requests,
  parseHttp2Response,
  Random,
  readAll,
  render,
} from '../kit/language.js';
import type { Settings } from '../kit/language.js';

function response(spec: string): Http2ResponseMessage {
  const [message] = parseHttp2Response(spec);
  if (!(message instanceof Http2ResponseMessage)) throw new Error('no response');
  return message;
}

function request(spec: string): Http2RequestMessage {
  const [message] = parseHttp2Requests(spec);
  if (!(message instanceof Http2RequestMessage)) throw new Error('no request');
  return message;
}

function fieldsOf(message: Http2RequestMessage | Http2ResponseMessage, settings: Settings = { seed: 1 }): string[] {
  return message.headerList(settings).map(([name, value]) => `${name.toString('latin1')}: ${value.toString('latin1')}`);
}

describe('a response over HTTP/2', () => {
  it.each([
    ['200', [':status: 200', 'content-length: 0']],
    ['0200:r', [':status: 200']],
    ["404:b'no':c'text/plain'", [':status: 404', 'content-type: text/plain', 'content-length: 2']],
    ["200:h'X-Y'='z':l'/a'", [':status: 200', 'X-Y: z', 'location: /a', 'content-length: 0']],
    ["200:h'CONTENT-length'='3'", [':status: 200', 'CONTENT-length: 3']],
    ["200:h':status'='404'", [':status: 404', 'content-length: 0']],
    ["200:b'x':t'a'='b':t'c'='d'", [':status: 200', 'content-length: 1', 'trailer: a, c']],
    ["200:b@3,digits:h'x'=@2,digits", [':status: 200', expect.stringMatching(/^x: \d\d$/), 'content-length: 3']],
  ])('%s has the fields %j', (spec, fields) => {
    expect(fieldsOf(response(spec))).toEqual(fields);
  });

  it.each([
    ['zgzip', gunzipSync],
    ['zbr', brotliDecompressSync],
  ] as const)('codes its body with %s', (clause, decode) => {
    const message = response(`200:b@500,ascii_letters:${clause}`);
    const settings = { random: Random.fromSeed(3) };
    const body = readAll(draw(message.bodyPart(settings), settings.random));
    expect(decode(body).toString()).toMatch(/^[A-Za-z]{500}$/);
    expect(fieldsOf(message, settings)).toEqual([
      ':status: 200',
      `content-encoding: ${clause.slice(1)}`,
      `content-length: ${String(body.length)}`,
    ]);
  });

  it('is sent in DATA frames that end the stream, however long', async () => {
    const settings = { seed: 5, streamId: 9 };
    const reader = new Http2FrameReader();
    reader.receive(await render(response('200:b@40000'), settings));
    const frames = [reader.next(), reader.next(), reader.next(), reader.next()];
    expect(frames.map((frame) => [frame?.type, frame?.flags, frame?.streamId, frame?.length])).toEqual([
      [1, 4, 9, frames[0]?.length],
      [0, 0, 9, 16384],
      [0, 0, 9, 16384],
      [0, 1, 9, 40000 - 2 * 16384],
    ]);
    expect(response('200:b@1t').length(settings)).toBeGreaterThan(2 ** 40);
  });

  it('freezes without what is added', () => {
    expect(response("200:b@2,digits:h'a'=@1,digits").freeze({ seed: 1 }).spec).toMatch(/^200:b'\d\d':h'a'='\d'$/);
    expect(response('200').freeze({ seed: 1 }).spec).toBe('200');
  });

  it('may be several, as over HTTP/1', () => {
    expect(parseHttp2Response("103:h'link'='</a>' 102:x2 200").map(({ spec }) => spec)).toEqual([
      "103:h'link'='</a>'",
      '102',
      '102',
      '200',
    ]);
  });

  it('says what cannot be served', () => {
    expect(() => fieldsOf(response("200:h'a'=@1g"))).toThrow(RenderError);
    expect(() => fieldsOf(response('200:b<x'))).toThrow(FileAccessDenied);
  });

  it('is stable as long as neither chance nor files have a say in its fields', () => {
    expect(response('200:b@100').stable).toBe(true);
    expect(response("200:h'a'=@1").stable).toBe(false);
    expect(response('200:b<x').stable).toBe(false);
  });
});

describe('a request over HTTP/2', () => {
  const host = { seed: 1, requestHost: 'example.com' };

  it.each([
    ['get:/', {}, [':method: GET', ':path: /', ':scheme: http', 'content-length: 0']],
    [
      "'patch':/x:r",
      { requestHost: 'h', requestPort: 8080, requestScheme: 'https' },
      [':method: PATCH', ':path: /x', ':scheme: https', ':authority: h:8080'],
    ],
    ['get:/:r', { requestHost: 'h', requestPort: 443 }, [':method: GET', ':path: /', ':scheme: http', ':authority: h']],
    [
      'get:/:r',
      { requestHost: '::1', requestPort: 1 },
      [':method: GET', ':path: /', ':scheme: http', ':authority: [::1]:1'],
    ],
    [
      "get:/:h':authority'='me':h'host'='you':r",
      host,
      [':method: GET', ':path: /', ':scheme: http', ':authority: me', 'host: you'],
    ],
    [
      "get:/:u'x':ug:r",
      {},
      [':method: GET', ':path: /', ':scheme: http', 'user-agent: x', expect.stringContaining('user-agent: Googlebot')],
    ],
  ])('%s with %j has the fields %j', (spec, settings, fields) => {
    expect(fieldsOf(request(spec), { seed: 1, ...settings })).toEqual(fields);
  });

  it.each([
    ['get:/p/:s\'200:b"x"\'', "/p/200:b'x'"],
    ["get:/p/:s'103 200'", '/p/103%20200'],
    ["get:/p/:s'(h2f:tping h2f:tdata:bx ):x3 200'", '/p/(h2f:tping%20h2f:tdata:bx%20):x3%20200'],
  ])('%s asks for %s', (spec, path) => {
    expect(fieldsOf(request(spec))).toContain(`:path: ${path}`);
  });

  it('freezes what it embeds', () => {
    const { spec } = request("get:/p/:s'200:b@2,digits h2f:tping:b@8,digits'").freeze({ seed: 1 });
    expect(spec).toMatch(/^'GET':\/p\/:s'200:b\\x27\d\d\\x27 h2f:tping:b\\x27\d{8}\\x27'$/);
  });

  it('has the method as it is sent', () => {
    expect(request("'patch':/").method).toBe('PATCH');
    expect(request('@3:/').method).toBeUndefined();
  });

  it.each(['options:/', 'ws:/', 'wf', "get:/:l'x'", 'get:/:d0', "get:/:s'wf'", 'get:/:k5', "get:/:v'x'"])(
    '%s is none',
    (spec) => {
      expect(() => parseHttp2Requests(spec)).toThrow(SpecError);
    },
  );
});
