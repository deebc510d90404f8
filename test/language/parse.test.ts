import { describe, expect, it } from 'vitest';
import { FileAccessDenied, SpecError } from '../../src/errors.js';
import { parseFrames, parseRequests, parseResponse } from '../kit/language.js';
import type { Files, Message } from '../kit/language.js';

function specs(messages: Message[]): string[] {
  return messages.map((message) => message.spec);
}

function errorOf(parse: () => unknown): SpecError {
  try {
    parse();
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what reads as what', () => {
  it.each([
    ["200drb'x'", "200:dr:b'x'"],
    ['200:p5,2ms', '200:p5,2:ms'],
    ["200 \t\n: b 'x'", "200:b'x'"],
    ['200bx:cy', '200:bx:cy'],
    ["200:h 'a' = 'b'", "200:h'a'='b'"],
    ['200:b@007k', '200:b@7k'],
    ['200:b@10b,bytes', '200:b@10'],
    ['200:b@ 10 , digits', '200:b@10,digits'],
    ['200:R', '200:r'],
    ['WS:0101', 'ws:0101'],
    ['WF::-fin', 'wf:-fin'],
    ['200:b\\x3a', "200:b':'"],
    ['200:b\\x41', '200:bA'],
    ["200:b'it\\'s'", "200:b'it\\x27s'"],
    ['200:b<"it\'s"', '200:b<"it\'s"'],
    ['200:b<', '200:b<'],
    ['200:b\\x3cx', "200:b'<x'"],
    ['200:b\\n\\\\', '200:b\\n\\\\'],
    ['200:b<a\\nb', '200:b<a\\nb'],
    ["200:b<'a\\tb'", "200:b<'a\tb'"],
    ['wf:k none', "wf:k'none'"],
    ['wf:r sv1', "wf:r'sv1'"],
    ['wf:rsv1', 'wf:rsv1'],
  ])('%j is %j', (written, canonical) => {
    expect(specs(parseResponse(written))).toEqual([canonical]);
    expect(specs(parseResponse(canonical))).toEqual([canonical]);
  });

  it.each([
    ['get:/', ["'GET':/"]],
    ['GeT/x2', ["'GET':/x2"]],
    ["'get':/", ["'get':/"]],
    ['get:/ get:/a wf:fin post:/', ["'GET':/", "'GET':/a", 'wf:fin', "'POST':/"]],
    ['get:/ bfoo', ["'GET':/:bfoo"]],
    ['get:/:uandroid:uIE9', ["'GET':/:ua:ui"]],
    ["get:/:u'c'", ["'GET':/:u'c'"]],
    ['ws:/', ['ws:/']],
    ['ws:\\x67et', ['ws:\\x67et']],
    ['ws:/a<b', ['ws:/a<b']],
    ['ws:\\x3ca', ['ws:\\x3ca']],
    ["wf:f'wf:x2':x3", ["wf:f'wf:x2'", "wf:f'wf:x2'", "wf:f'wf:x2'"]],
    ['get:/:x0', []],
  ])('%j is %j for pathoc', (written, canonical) => {
    expect(specs(parseRequests(written))).toEqual(canonical);
  });
});

describe('mistakes', () => {
  it.each([
    ['', 0, 'empty'],
    ['200:q', 4, '"q"'],
    ["200::b'x'", 4, 'two colons'],
    ['200:', 3, 'last colon'],
    ['200:b', 5, 'bVALUE needs'],
    ["200:b'x", 5, 'never closed'],
    ["200:h'a'", 8, '"="'],
    ["200:h'a'='b", 9, 'never closed'],
    ["200:B'x'", 4, 'did you mean b'],
    ["200:b'x'404", 8, 'white space'],
    ['200:200', 4, '"200"'],
    ['200:k0', 5, 'at least 1'],
    ['200:wb,0', 7, 'at least 1'],
    ['200:db+', 5, 'an offset'],
    ['200:d5,now', 6, 'rst or fin'],
    ['200:zzip', 5, 'gzip'],
    ["200:t'a'", 8, '"="'],
    ['200:b@5:b@6', 8, 'multiple body'],
    ['200:r:R', 6, 'multiple raw'],
    ["200:b'\\x4'", 6, 'hexadecimal'],
    ['200:btrail\\', 10, 'backslash'],
    ["200:b'é'", 6, 'ASCII'],
    ['wf:c16', 3, "can't exceed 15"],
    ['wf:l18446744073709551616', 3, '18446744073709551615'],
    ["wf:k'abc'", 3, '3 bytes, should be 4'],
    ['200:b@9007199254740993', 6, '2^53'],
    ['200:b@8193t', 6, '2^53'],
    ['200:b@99999999999999999999t', 6, '2^53'],
    ['200:p5,', 7, 'seconds'],
  ])('%j is refused at %i: %s', (spec, offset, message) => {
    const error = errorOf(() => parseResponse(spec));
    expect(error.message).toContain(message);
    expect(error.offset).toBe(offset);
  });

  it.each([
    ['gte:/', 'get'],
    ['gett:/', 'get'],
    ['options:/ delte:/', 'delete'],
    ['get:/:uchrom', 'uchrome'],
    ['get:/:b@10,asci', 'ascii'],
    ['get:/:H"a"="b"', 'h'],
    ["get:/:hfoo='a'", "'foo'"],
    ["get:/:h:'a'='b'", "h'a'"],
    ['wf:fim', 'fin'],
    ['wf:ctxt', 'text'],
  ])('%j suggests %j', (spec, suggestion) => {
    const error = errorOf(() => parseRequests(spec));
    expect(error.suggestion).toBe(suggestion);
    expect(error.message).toContain(`did you mean ${suggestion}?`);
  });

  it("knows the > of the ancestor's documentation", () => {
    expect(errorOf(() => parseResponse("200:b>'foo'")).suggestion).toBe("b<'foo'");
  });

  it('says where a clause belongs', () => {
    expect(errorOf(() => parseRequests("get:/:m'x'")).message).toContain('mVALUE belongs in a response');
    expect(errorOf(() => parseResponse("200:u'x'")).message).toContain('uVALUE belongs in a request');
  });

  it('of the caller are TypeErrors', () => {
    // @ts-expect-error -- plain JavaScript can do this
    expect(() => parseResponse(undefined)).toThrow(TypeError);
    // @ts-expect-error -- plain JavaScript can do this
    expect(() => parseFrames(7)).toThrow(TypeError);
  });

  it('do not include 2^53 bytes', () => {
    expect(parseResponse('200:b@8192t')[0]?.spec).toBe('200:b@8192t');
    expect(parseResponse('200:b@9007199254740992')).toHaveLength(1);
  });

  it('marks the place in the right line, tabs kept under tabs', () => {
    const error = errorOf(() => parseRequests('get:/\n\tpost:/:q'));
    expect([error.line, error.column]).toEqual([2, 9]);
    expect(error.marked()).toBe('\tpost:/:q\n\t       ^');
  });

  it('shows only the surroundings of a mistake in a long line', () => {
    const error = errorOf(() => parseResponse(`200:b'${'x'.repeat(5000)}':q:b'${'y'.repeat(5000)}'`));
    const [line = '', caret = ''] = error.marked().split('\n');
    expect(line.length).toBeLessThan(130);
    expect(line[caret.length - 1]).toBe('q');
  });

  it('reports embedded specs in their own text', () => {
    const error = errorOf(() => parseRequests("get:/:s'200:q'"));
    expect([error.spec, error.offset]).toEqual(['200:q', 4]);
  });

  it('refuses more than 10,000 clauses, not 10,000', () => {
    const header = ":h'a'='b'";
    expect(parseResponse(`200${header.repeat(9999)}`)).toHaveLength(1);
    expect(errorOf(() => parseResponse(`200${header.repeat(10_000)}`)).code).toBe('ERR_SPEC_LIMIT');
  });

  it('refuses to stand for millions of messages', () => {
    expect(errorOf(() => parseRequests('get:/:x99999999999999999999')).code).toBe('ERR_SPEC_LIMIT');
    expect(parseRequests('get:/:x1000')).toHaveLength(1000);
  });
});

describe('text outside ASCII', () => {
  it('is sent as UTF-8 by frames of a server, which come from the wire', () => {
    expect(specs(parseFrames("wf:b'é'"))).toEqual(["wf:b'\\xc3\\xa9'"]);
    expect(errorOf(() => parseFrames('wf:bé')).offset).toBe(4);
    expect(errorOf(() => parseFrames("wf:b'é'", { client: true })).code).toBe('ERR_SPEC_ASCII');
  });
});

describe('+path', () => {
  const texts: Record<string, string> = { spec: "200:b'x'\n", bad: '200\n:q', 'my spec': 'get:/' };
  const files: Files = {
    segment: () => Buffer.alloc(0),
    text(path) {
      const text = texts[path];
      if (text === undefined) throw new FileAccessDenied('File not readable');
      return text;
    },
  };

  it('stands for the spec in a file', () => {
    expect(specs(parseResponse('+spec', { files }))).toEqual(["200:b'x'"]);
    expect(specs(parseRequests(" +'my spec' ", { files }))).toEqual(["'GET':/"]);
  });

  it('names the file, line and column of a mistake', () => {
    const error = errorOf(() => parseResponse('+bad', { files }));
    expect([error.source, error.line, error.column]).toEqual(['bad', 2, 2]);
  });

  it('is refused without files', () => {
    expect(() => parseResponse('+spec')).toThrow(FileAccessDenied);
    expect(() => parseResponse('+none', { files })).toThrow(FileAccessDenied);
  });
});

describe('time', () => {
  it.each([
    ['unclosed quotes', (n: number) => `200:b${"'".repeat(2 * n + 1)}`],
    ['backslashes', (n: number) => `200:b'${'\\'.repeat(2 * n)}`],
    ['escaped quotes', (n: number) => `200:b'${"\\'".repeat(n)}`],
    ['colons', (n: number) => `200${':'.repeat(n)}`],
    ['spaces', (n: number) => `200${' '.repeat(n)}q`],
    ['a long naked value', (n: number) => `200:b${'x'.repeat(n)}`],
    ['digits', (n: number) => `${'9'.repeat(n)}`],
  ])('grows no faster than the text: %s', (_name, make) => {
    const cost = (n: number): number => {
      const spec = make(n);
      const start = process.cpuUsage().user;
      try {
        parseResponse(spec);
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
      }
      return process.cpuUsage().user - start;
    };
    cost(1000);
    // A quadratic reader would take minutes of a million characters.
    expect(cost(1_000_000)).toBeLessThan(3_000_000);
  });
});
