import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { shown } from './shown.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('the view of JSON', () => {
  it('keeps what numbers are, and sorts members', () => {
    expect(shown('json', '{"b":12345678901234567890,"a":[1.0,-0,1e400,NaN]}').lines).toEqual([
      '{',
      '    "a": [',
      '        1.0,',
      '        0,',
      '        Infinity,',
      '        NaN',
      '    ],',
      '    "b": 12345678901234567890',
      '}',
    ]);
  });

  it('sorts by characters, and keeps surrogates that stand alone', () => {
    expect(shown('json', '{"\\ud83d\\ude00":1,"\\uffee":2,"\\ud800":3}').lines).toEqual([
      '{',
      '    "\ud800": 3,',
      '    "\uffee": 2,',
      '    "\u{1f600}": 1',
      '}',
    ]);
  });

  it('refuses what nests too deeply for its reader', () => {
    expect(shown('json', '['.repeat(100_000)).description).toContain("Couldn't parse");
  });
});

describe('the view of GraphQL', () => {
  it('shows a query that is no text as Python writes it', () => {
    const { lines } = shown('graphql', '{"query":{"\\n":[1,2.0,null,true]},"u":"é"}');
    expect(lines).toEqual(['{', '  "query": "...",', '  "u": "\\u00e9"', '}', '---', "{'\\n': [1, 2, None, True]}"]);
  });
});

describe('the views of markup and scripts', () => {
  it('indent so many levels and no more', () => {
    const { lines } = shown('xml/html', `${'<a>\n'.repeat(500)}x`);
    expect(lines.at(-1)).toBe(`${' '.repeat(32)}x`);
    expect(shown('javascript', `${'{'.repeat(500)}x`).lines.at(-1)).toBe(`${' '.repeat(200)}x`);
  });

  it('leave strings, comments, templates and regular expressions as they are', () => {
    expect(shown('javascript', 'a("{;}");b=/[{;]/;c=`;${d}`;/* ; */ e').lines).toEqual([
      'a("{;}");',
      'b=/[{;]/;',
      'c=`;${d}`;',
      '/* ; */ e',
    ]);
    expect(shown('css', 'a{b:"{;:}";c:d/* ;:{ */}').lines).toEqual(['a {', '    b: "{;:}";', '    c: d/* ;:{ */', '}']);
  });

  it.each([
    ['white space', `a${' '.repeat(1 << 20)}`],
    ['comments that do not end', '/*'.repeat(1 << 19)],
    ['strings that do not end', `'${"\\'".repeat(1 << 19)}`],
    ['templates that do not end', `\`${'\\`'.repeat(1 << 19)}`],
    ['loops that do not end', 'for('.repeat(1 << 18)],
    ['elements that do not end', '<a>'.repeat(1 << 17)],
    ['comments of markup that do not end', '<!--'.repeat(1 << 18)],
    ['end tags that end nothing', `${'<a>'.repeat(1 << 16)}${'</b>'.repeat(1 << 16)}`],
  ])('take no time that grows with its square for %s', { timeout: 30_000 }, (_, body) => {
    for (const view of ['javascript', 'css', 'xml/html']) expect(shown(view, body).failed).toBe(false);
  });
});

describe('the view of MessagePack', () => {
  it('tells what Python would', () => {
    const body = bytes('86 a161 01 a162 cb3ff0000000000000 a163 c40100 a164 d4 05 61 a165 d6ff 00000001 a166 90');
    expect(shown('msgpack', body).lines).toEqual([
      '{',
      "    'a': 1,",
      "    'b': 1.0,",
      "    'c': b'\\x00',",
      "    'd': ExtType(code=5, data=b'a'),",
      "    'e': Timestamp(seconds=1, nanoseconds=0),",
      "    'f': [",
      '    ]',
      '}',
    ]);
  });

  it.each(['c1', '0102', '8101', '', '91'.repeat(2000), 'd9ff61'])('refuses %s', (hex) => {
    expect(shown('msgpack', bytes(hex)).description).toContain("Couldn't parse");
  });
});

describe('the views of Protocol Buffers', () => {
  const message = bytes('0a0568656c6c6f 1206 0801 12026869 1a03808182 2501020304');

  it('shows fields within one another', () => {
    const lines = [
      '1: hello',
      '2 {',
      '  1: 1',
      '  2 {',
      '    13: 105',
      '  }',
      '}',
      "3: b'\\x80\\x81\\x82'",
      '4: 67305985',
    ];
    expect(shown('protocol buffer', message)).toEqual({ description: 'Protobuf', lines, failed: false });
  });

  it('shows a table of them in gRPC', () => {
    const framed = Buffer.concat([bytes('00 00000015'), message.subarray(0, 15), bytes('1a0431323334')]);
    expect(shown('auto', framed, { 'content-type': 'application/grpc' }).lines).toEqual([
      'gRPC message 0 (compressed False)',
      '[string]     1       hello  ',
      '[message]    2              ',
      '[uint32]     2.1     1      ',
      '[message]    2.2            ',
      '[uint32]     2.2.13  105    ',
      '[string]     3       1234   ',
    ]);
  });

  it('undoes the coding that grpc-encoding names', () => {
    const packed = deflateSync(bytes('0801'));
    const body = Buffer.concat([bytes('01'), bytes(packed.length.toString(16).padStart(8, '0')), packed]);
    const headers = { 'content-type': 'application/grpc', 'grpc-encoding': 'deflate' };
    expect(shown('auto', body, headers).lines[0]).toBe('gRPC message 0 (compressed deflate)');
  });
});

describe('the view of DNS', () => {
  const query = '1234 0100 0001 0000 0000 0000 03777777 0474657374 00 0001 0001';
  const answer = `1234 8183 0001 0002 0000 0000 03777777 0474657374 00 0005 0001
    c00c 0005 0001 0000003c 0007 04 686f7374 c010 c00c 0001 0001 00000005 0004 7f000001`.replace(/\s/g, '');

  it('shows a message over HTTPS', () => {
    const lines = (hex: string): readonly string[] =>
      shown('auto', bytes(hex), { 'content-type': 'application/dns-message' }).lines;
    expect(lines(query)).toEqual([
      'Id:            4660',
      'Operation:     QUERY',
      'Response code: NOERROR',
      'Flags:         recursion desired',
      'Question:      www.test A IN',
    ]);
    expect(lines(answer).slice(2)).toEqual([
      'Response code: NXDOMAIN',
      'Flags:         recursion desired, recursion available',
      'Question:      www.test CNAME IN',
      'Answer:        www.test 60s CNAME host.test',
      'Answer:        www.test 5s A 127.0.0.1',
    ]);
  });

  it.each(['', query.slice(0, -4), `${query}00`, query.replace('03777777', 'c00c'), query.replace('03777777', '4377')])(
    'refuses what is no message: %s',
    (hex) => {
      expect(shown('dns', bytes(hex)).failed).toBe(true);
    },
  );
});
