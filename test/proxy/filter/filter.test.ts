import { describe, expect, it } from 'vitest';
import { FilterError, PatternError } from '../../../src/errors.js';
import { filterText } from '../../../src/proxy/filter/expression.js';
import { compileFilter, filterVersions, parseFilter } from '../../../src/proxy/filter/filter.js';
import type { FilterOptions, FilterVersion } from '../../../src/proxy/filter/filter.js';
import { filterOperators } from '../../../src/proxy/filter/operators.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow, UdpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';

function exchange(content: Buffer | string = 'asked', answer: Buffer | string = 'answered'): HttpFlow {
  const flow = new HttpFlow(Request.make('POST', 'http://shop.example.com/Cart', content, { 'X-Trace': 'One' }));
  flow.response = Response.make(200, answer, { 'Content-Type': 'text/css' });
  return flow;
}

function errorOf(filter: string, options?: FilterOptions): FilterError {
  try {
    compileFilter(filter, options);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`${filter} is valid`);
}

/** The column under which the caret stands. */
function caretOf(error: FilterError): number {
  return error.marked().split('\n').at(-1)?.indexOf('^') ?? -1;
}

describe('the versions', () => {
  const matches = (filter: string, version: FilterVersion, flow = exchange()): boolean =>
    compileFilter(filter, { version })(flow);

  it('agree on case in hosts and methods', () => {
    for (const version of Object.keys(filterVersions) as FilterVersion[]) {
      expect([matches('~d SHOP', version), matches('~m post', version)]).toEqual([true, true]);
    }
  });

  it.each(['~u cart', '~h x-trace', '~b ASKED', '~ts CSS'])('differ on case in %s', (filter) => {
    const found = [matches(filter, 'extended'), matches(filter, '8.1.1'), matches(filter, 'newest')];
    expect(found).toEqual([false, false, true]);
  });

  it('give way to the caller on case', () => {
    expect(compileFilter('~u cart', { caseSensitive: false })(exchange())).toBe(true);
    expect(compileFilter('~u cart', { version: 'newest', caseSensitive: true })(exchange())).toBe(false);
    expect(compileFilter('~m post', { version: 'newest', caseSensitive: true })(exchange())).toBe(true);
  });

  it('differ on bodies that are there but empty', () => {
    const empty = exchange('', '');
    expect([matches('~b ^$', 'extended', empty), matches('~b ^$', 'newest', empty)]).toEqual([false, true]);
  });

  it('differ on ~udp', () => {
    const udp = new UdpFlow({});
    expect(compileFilter('~udp')(udp)).toBe(true);
    expect(compileFilter('~udp')(new TcpFlow({}))).toBe(false);
    expect(errorOf('~tcp | ~udp', { version: '8.1.1' })).toMatchObject({
      message: "Invalid filter expression: '~tcp | ~udp': mitmproxy 8.1.1 has no operator ~udp",
      offset: 7,
    });
  });
});

describe('a body', () => {
  it('is decoded where that is possible, and taken as it is where not', () => {
    const flow = exchange();
    flow.request.encode('gzip');
    expect(compileFilter('~bq ^asked$')(flow)).toBe(true);
    flow.request.rawContent = Buffer.from('no gzip');
    expect(compileFilter('~bq "^no gzip$"')(flow)).toBe(true);
  });

  it('is bytes, and UTF-8 in the expression', () => {
    expect(compileFilter('~b ^caf..$')(exchange(Buffer.from('café')))).toBe(true);
    expect(compileFilter('~b é$')(exchange(Buffer.from('café')))).toBe(true);
    expect(compileFilter('~b "\\\\xe9"')(exchange(Buffer.from('café', 'latin1')))).toBe(true);
  });

  it('of messages is looked at one by one, by direction', () => {
    const flow = exchange();
    flow.websocket = new WebSocketData();
    flow.websocket.messages = [
      new WebSocketMessage(1, true, Buffer.from('ping'), 0),
      new WebSocketMessage(1, false, Buffer.from('pong'), 0),
    ];
    const udp = new UdpFlow({});
    udp.messages = [
      { fromClient: true, content: Buffer.from('ping'), timestamp: 0 },
      { fromClient: false, content: Buffer.from('pong'), timestamp: 0 },
    ];
    for (const talk of [flow, udp]) {
      const found = ['~b ping', '~bq ping', '~bs ping', '~bq pong', '~b pingpong'].map((filter) =>
        compileFilter(filter)(talk),
      );
      expect(found).toEqual([true, true, false, false, false]);
    }
  });
});

describe('~meta', () => {
  it('sees notes as Python writes them', () => {
    const flow = exchange();
    flow.metadata = { s: 'li\nne', list: [1, 1.5, true, null, "it's", Buffer.from([0xff])], map: { k: 'v\u200b' } };
    const text = String.raw`^list: \[1, 1\.5, True, None, "it's", b'\\xff'\]$`;
    expect(compileFilter(filterText({ kind: 'operator', code: 'meta', argument: text }))(flow)).toBe(true);
    expect(compileFilter(String.raw`~meta "^map: \\{'k': 'v\\\\u200b'\\}$"`)(flow)).toBe(true);
    expect(compileFilter('~meta ^ne$')(flow)).toBe(true);
  });

  it('survives notes that hold themselves', () => {
    const flow = exchange();
    const circle: unknown[] = [];
    circle.push(circle);
    flow.metadata = { circle };
    expect(compileFilter('~meta "circle: \\\\[\\\\[\\\\.\\\\.\\\\.\\\\]\\\\]"')(flow)).toBe(true);
  });
});

describe('the canonical text', () => {
  it.each([
    ['~q', '~q'],
    ['shop', '~u shop'],
    ['"a b"', '~u "a b"'],
    ["~b 'it\\'s'", '~b "it\'s"'],
    ['~c 0200', '~c 200'],
    ['! ~q', '!~q'],
    ['!(a|b)', '!~u a|b'],
    ['!( ~q | ~e )', '!( ~q | ~e )'],
    ['~q | ~e ~http', '( ~q | ~e ) & ~http'],
    ['~q & ~e | ~http', '~q & ~e | ~http'],
    ['a & (b & c)', '~u a & ( ~u b & ~u c )'],
    ['~marker ""', '~marker ""'],
    ['~u "\\t\\n"', '~u "\\t\\n"'],
    ['x &', '~u x & ~u &'],
  ])('of %j is %j', (filter, text) => {
    expect(filterText(parseFilter(filter))).toBe(text);
  });

  it('takes a raw TAB in quotes for blanks up to the next column of eight', () => {
    expect(parseFilter('~u "a\tb"')).toEqual({ kind: 'operator', code: 'u', argument: 'a   b' });
    expect(parseFilter('~q\n\t| "\t"')).toMatchObject({ operands: [{}, { argument: '     ' }] });
  });
});

describe('an error', () => {
  it.each<[filter: string, column: number, message: RegExp]>([
    ['  ', 0, /: there is nothing but white space$/],
    ['(~q)', 3, /: white space must follow ~q; did you mean ~q \)\?$/],
    ['~c200', 2, /: white space must follow ~c; did you mean ~c 200\?$/],
    ['~hs(x)', 3, /: white space must follow ~hs; did you mean ~hs "\(x\)"\?$/],
    ['~c abc', 3, /: ~c needs a whole number$/],
    ['~q & ~c', 7, /: ~c needs a whole number$/],
    ['~u', 2, /: ~u needs a regular expression$/],
    ['~u (?i)x', 3, /in quotes, as it holds a bracket; did you mean ~u "\(\?i\)x"\?$/],
    ['~s & ~marekd', 5, /: there is no operator ~marekd; did you mean ~marked\?$/],
    ['~Q', 0, /: there is no operator ~Q; did you mean ~q\?$/],
    ['~zz foo', 0, /: there is no operator ~zz$/],
    ['a ~ b', 2, /: the name of an operator must stand behind ~$/],
    ['~d "unclosed', 3, /: this quote is never closed$/],
    ["~u 'x\ny'", 3, /: this quote is not closed in its line$/],
    ['(~q ', 0, /: this bracket is never closed$/],
    ['~q )', 3, /: this bracket was never opened$/],
    ['()', 1, /: there is nothing between these brackets$/],
    ['(a b)', 3, /: within brackets, & or \| must stand between two operands$/],
    ['(a &)', 3, /: an operand must follow &$/],
    ['~b [', 3, /: the regular expression is wrong: this bracket is never closed$/],
    ['~b "\\\\d(?<=é+)"', 7, /: the regular expression is wrong: a look-behind must have a fixed width$/],
    ['~b "a\\tb(c"', 8, /: the regular expression is wrong: this bracket is never closed$/],
  ])('says of %j what is wrong in column %i', (filter, column, message) => {
    const error = errorOf(filter);
    expect(error).toMatchObject({ code: 'ERR_FILTER', filter, message: expect.stringMatching(message) as string });
    expect(error.message).toMatch(/^Invalid filter expression: ['"]/);
    expect(caretOf(error)).toBe(column);
  });

  it('is short for an empty expression', () => {
    expect(errorOf('').message).toBe('Empty filter expression');
  });

  it('quotes the expression as Python does, in one line', () => {
    expect(errorOf("~u 'un\n").message).toMatch(/^Invalid filter expression: "~u 'un\\n": /);
    expect(errorOf('~\u0007é').message).toMatch(/^Invalid filter expression: '~\\x07é': /);
  });

  it('holds the error of the regular expression', () => {
    expect(errorOf('~b [').cause).toBeInstanceOf(PatternError);
  });

  it('says what was expected', () => {
    expect(errorOf('~c x').expected).toEqual(['a whole number']);
    expect(errorOf('~marekd').suggestion).toBe('~marked');
  });

  it.each(['!', '('])('stops at %s without end', (sign) => {
    expect(errorOf(`${sign.repeat(100_000)}x`).message).toMatch(/more than 100 deep$/);
  });
});

describe('the operators', () => {
  it('have names of their own, and help of one sentence or two', () => {
    expect(new Set(filterOperators.map(({ code }) => code)).size).toBe(filterOperators.length);
    for (const { help } of filterOperators) expect(help).toMatch(/^[A-Z~].*\.$/);
  });
});
