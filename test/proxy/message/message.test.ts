import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ContentError } from '../../../src/errors.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { decodeContent, encodeContent } from '../../../src/proxy/message/content-coding.js';
import { decodeText, encodeText } from '../../../src/proxy/message/charset.js';
import { decodeUtf8, encodeUtf8 } from '../../../src/proxy/message/utf8.js';

const bytes = (): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));

describe('a body', () => {
  it('is joined from its pieces when somebody asks', () => {
    const response = new Response({ statusCode: 200 });
    expect(response.rawContent).toBeUndefined();
    response.receive(Buffer.from('ab'));
    response.receive(Buffer.from('c'));
    expect(response.rawContent?.toString()).toBe('abc');
    response.receive(Buffer.from('d'));
    expect(response.text).toBe('abcd');
  });

  it('in one piece is that piece', () => {
    const response = new Response({ statusCode: 200 });
    const piece = Buffer.from('ab');
    response.receive(piece);
    expect(response.rawContent).toBe(piece);
  });

  it('in small pieces keeps nothing of the memory that they came in', () => {
    const response = new Response({ statusCode: 200 });
    const chunk = Buffer.alloc(64 * 1024, 'a');
    for (let at = 0; at < 100; at++) response.receive(chunk.subarray(at, at + 1));
    // Of one that is larger, but a small part of what came.
    response.receive(chunk.subarray(100, 3100));
    chunk.fill('b', 1);
    expect(response.rawLength).toBe(3100);
    expect(response.rawContent?.equals(Buffer.alloc(3100, 'a'))).toBe(true);
  });

  it('is whole however large its pieces are, and whenever somebody asks', () => {
    const piece = fc.tuple(fc.oneof(fc.nat(3), fc.nat(6000)), fc.boolean());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const response = new Response({ statusCode: 200 });
        const sent: Buffer[] = [];
        for (const [length, asks] of pieces) {
          const next = Buffer.alloc(length, sent.length);
          sent.push(next);
          response.receive(next);
          const all = Buffer.concat(sent);
          expect(response.rawLength).toBe(all.length);
          if (asks) expect(response.rawContent?.equals(all)).toBe(true);
        }
        expect(response.rawContent?.equals(Buffer.concat(sent)) ?? true).toBe(true);
      }),
    );
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('that is too large as %s decodes it is refused', (coding) => {
    const bomb = encodeContent(Buffer.alloc(100_000), coding);
    expect(decodeContent(bomb, coding, 100_000)).toHaveLength(100_000);
    expect(() => decodeContent(bomb, coding, 99_999)).toThrow(ContentError);
    expect(() => decodeContent(bomb, coding, 99_999)).toThrow(/99999 bytes/);
  });

  it('of many gzip members is refused when all of them are too large', () => {
    const members = Buffer.concat(Array.from({ length: 10 }, () => gzipSync(Buffer.alloc(10_000))));
    expect(decodeContent(members, 'gzip', 100_000)).toHaveLength(100_000);
    expect(() => decodeContent(members, 'gzip', 95_000)).toThrow(
      'the body, decoded as gzip, has more than 95000 bytes',
    );
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'identity'])('is the same after %s and back', (coding) => {
    fc.assert(
      fc.property(bytes(), (content) => {
        const response = Response.make(200, content);
        response.encode(coding);
        expect(response.headers.get('content-encoding')).toBe(coding);
        expect(response.headers.get('content-length')).toBe(String(response.rawContent?.length));
        expect(response.content?.equals(content)).toBe(true);
        response.decode();
        expect(response.rawContent?.equals(content)).toBe(true);
        expect(response.headers.has('content-encoding')).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('that is not what it says throws, and is given as it is without strictness', () => {
    const response = Response.make(200, 'x', { 'content-encoding': 'gzip' });
    response.rawContent = Buffer.from('plain');
    expect(() => response.content).toThrow(ContentError);
    expect(() => response.text).toThrow(/cannot be decoded as gzip/);
    expect(response.getText(false)).toBe('plain');
    response.decode(false);
    expect(response.text).toBe('plain');
    expect(() => {
      response.encode('bogus');
    }).toThrow('there is no content coding "bogus"');
  });

  it('of several gzip members is whole, and trailing bytes are an error', () => {
    const members = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    const response = new Response({ statusCode: 200, headers: { 'Content-Encoding': 'gzip' }, rawContent: members });
    expect(response.text).toBe('one two');
    response.rawContent = Buffer.concat([members, Buffer.alloc(5)]);
    expect(response.text).toBe('one two');
    response.rawContent = Buffer.concat([members, Buffer.from('more')]);
    expect(() => response.content).toThrow(ContentError);
  });

  it('is JSON', () => {
    expect(Response.make(200, '\ufeff{"a":[1]}').json()).toEqual({ a: [1] });
    expect(() => Response.make(200, '{').json()).toThrow(SyntaxError);
    const made = Response.json({ name: 'Ægir' }, 404);
    expect([made.statusCode, made.headers.get('content-type')]).toEqual([404, 'application/json']);
    expect(made.content).toEqual(Buffer.from('{"name":"Ægir"}'));
    expect(() => new Response({ statusCode: 200 }).json()).toThrow(ContentError);
  });

  it('gets a length when it is set, unless the message is chunked', () => {
    const request = Request.make('POST', 'http://a/', 'x', { 'Transfer-Encoding': 'chunked' });
    expect(request.headers.has('content-length')).toBe(false);
    request.headers.delete('transfer-encoding');
    request.text = 'xyz';
    expect(request.headers.get('content-length')).toBe('3');
    request.content = undefined;
    expect(request.text).toBeUndefined();
  });

  it('has no length in a response that must not tell one, unless it is given', () => {
    for (const status of [101, 204]) expect(Response.make(status).headers.size).toBe(0);
    expect(Response.make(304).headers.get('content-length')).toBe('0');
    expect(Response.make(204, '', { 'Content-Length': '0' }).headers.get('content-length')).toBe('0');
  });
});

describe('text', () => {
  it('in UTF-8 loses no byte', () => {
    fc.assert(
      fc.property(bytes(), fc.string({ unit: 'grapheme' }), (content, text) => {
        expect(encodeUtf8(decodeUtf8(content))).toEqual(content);
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
  });

  it.each(['windows-1252', 'windows-1251', 'koi8-r', 'iso-8859-2', 'shift_jis', 'euc-jp', 'euc-kr', 'big5', 'gb18030'])(
    'in %s is the same after writing and reading',
    (charset) => {
      const samples = ['plain', 'é€', 'č', 'Привет', '日本', '한국', '中文', '😀'];
      const possible = samples.flatMap((text) => {
        try {
          return [[text, encodeText(text, charset)] as const];
        } catch (error) {
          expect(error).toBeInstanceOf(ContentError);
          return [];
        }
      });
      expect(possible.length).toBeGreaterThan(1);
      for (const [text, written] of possible) expect(decodeText(written, charset)).toBe(text);
    },
  );

  it('that its charset cannot express is sent as UTF-8, and the header says so', () => {
    const response = Response.make(200, 'naïve', { 'Content-Type': 'text/plain; charset=iso-8859-1' });
    expect(response.rawContent).toEqual(Buffer.from('naïve', 'latin1'));
    response.text = '你';
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.text).toBe('你');
  });
});

describe('replace', () => {
  it('changes headers, body and path, and counts', () => {
    const request = Request.make('POST', 'http://a/foo', 'foo and Foo', { 'X-Foo': 'foo' });
    expect(request.replace(/foo/i, 'bar')).toBe(5);
    expect(request.path).toBe('/bar');
    expect([...request.headers]).toEqual([
      ['X-bar', 'bar'],
      ['content-length', '11'],
    ]);
    expect(request.text).toBe('bar and bar');
    expect(request.replace('nothing', 'x')).toBe(0);
  });

  it('decodes and encodes a body, and keeps bytes that are no text', () => {
    const response = Response.make(200, Buffer.from('a\xffb', 'latin1'));
    response.encode('gzip');
    expect(response.replace('b', 'c')).toBe(1);
    expect(response.content).toEqual(Buffer.from('a\xffc', 'latin1'));
    expect(response.headers.get('content-encoding')).toBe('gzip');
  });
});

describe('views', () => {
  it('of query, cookies and forms are written back when they are changed', () => {
    const request = Request.make('POST', 'http://a/p;x?a=1&b=2&a=3#f');
    request.query.set('a', 'é');
    expect(request.path).toBe('/p;x?a=%C3%A9&b=2#f');
    expect(request.query.getAll('a')).toEqual(['é']);
    request.query.add('c', '');
    expect(request.query.size).toBe(3);
    request.query.delete('b');
    expect([...request.query]).toEqual([
      ['a', 'é'],
      ['c', ''],
    ]);
    request.cookies.add('k', 'v w');
    expect(request.headers.get('cookie')).toBe('k="v w"');
    expect(request.cookies.get('k')).toBe('v w');
    request.urlencodedForm.set('u', '1 2');
    expect(request.text).toBe('u=1+2');
    expect(request.urlencodedForm.has('u')).toBe(true);
  });

  it('of a multipart form take the same boundary for the same fields', () => {
    const request = Request.make('POST', 'http://a/');
    request.multipartForm.add('file', Buffer.from([0, 255]));
    const type = request.headers.get('content-type');
    expect(type).toMatch(/^multipart\/form-data; boundary=-{20}[0-9a-f]{32}$/);
    expect([...request.multipartForm]).toEqual([['file', Buffer.from([0, 255])]]);
    request.multipartForm.insert(0, 'first', Buffer.from('1'));
    expect(request.multipartForm.size).toBe(2);
    expect(request.headers.get('content-type')).toBe(type);
  });

  describe('of a multipart form', () => {
    const file =
      '\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\xff\r\n\n1\r\n';
    const email = '\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n';
    const upload = (...parts: string[]): Request => {
      const body = Buffer.from(`--B${parts.join('--B')}--B--\r\n`, 'latin1');
      return Request.make('POST', 'http://a/', body, { 'Content-Type': 'multipart/form-data; boundary=B' });
    };
    const bodyOf = (request: Request): string[] =>
      request.content?.toString('latin1').replace(/^--B/, '').split('--B').slice(0, -1) ?? [];

    it('keep their headers, and files that are not changed', () => {
      const request = upload(email, file);
      request.multipartForm.set('email', Buffer.from('nobody@example.com'));
      expect(bodyOf(request)).toEqual([email.replace('ada', 'nobody'), file]);
      expect(request.headers.get('content-length')).toBe(String(request.rawContent?.length));
    });

    it('are told from others of the same name by their values', () => {
      const other = file.replace('a.png', 'b.png').replace('1', '2');
      const request = upload(file, other);
      const [first, second] = [...request.multipartForm];
      if (first === undefined || second === undefined) throw new Error('a field is missing');
      request.multipartForm = [second, ['new', Buffer.from('ü')]];
      expect(bodyOf(request)).toEqual([
        other,
        `\r\nContent-Disposition: form-data; name="new"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${Buffer.from('ü').toString('latin1')}\r\n`,
      ]);
      request.multipartForm.insert(0, second[0], Buffer.from('x'));
      expect([...request.multipartForm].map(([, value]) => value.toString('latin1'))).toEqual(['x', '\xff2', 'Ã¼']);
      expect(bodyOf(request)[1]).toBe(other);
    });

    it('may be removed, and what is no field stays', () => {
      const nameless = '\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="late"\r\n\r\nx\r\n';
      const request = upload(nameless, email, file);
      request.multipartForm.delete('email');
      expect(bodyOf(request)).toEqual([file, nameless]);
    });

    it('cannot hold the boundary', () => {
      const request = upload(email);
      expect(() => request.multipartForm.set('email', Buffer.from('--B'))).toThrow('the boundary');
      expect(bodyOf(request)).toEqual([email]);
    });
  });

  it('of cookies that are set have their attributes', () => {
    const response = Response.make(200, '', { 'Set-Cookie': 'a=b; Path=/; Secure' });
    expect(response.cookies.get('a')).toEqual({
      value: 'b',
      attributes: [
        ['Path', '/'],
        ['Secure', ''],
      ],
    });
    response.cookies.add('c', { value: 'd', attributes: [] });
    expect(response.headers.getAll('set-cookie')).toEqual(['a=b; Path=/; Secure=', 'c=d']);
  });
});

describe('a request', () => {
  it('is made from a URL, and refuses what is none', () => {
    const request = Request.make('get', 'https://Example.com:8443/x?y', Buffer.from('b'));
    expect(request.url).toBe('https://example.com:8443/x?y');
    expect(request.method).toBe('GET');
    expect(request.rawMethod).toBe('get');
    for (const url of ['/x', 'a.b/c', 'http://', 'http://a b/', 'http://a:70000/', 'http://ü/']) {
      expect(() => Request.make('GET', url)).toThrow(TypeError);
    }
  });
});
