import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dumperOptions } from '../../../src/proxy/dump/dumper-options.js';
import { VerboseLogger } from '../../../src/proxy/dump/verbose-logger.js';
import { ClientConnection, ServerConnection } from '../../../src/proxy/flow/connection.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Headers } from '../../../src/proxy/message/headers.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';

/** When everything happens: four seconds and five milliseconds behind some minute. */
const now = 1_700_002_984.005;

const defaults = Object.fromEntries(
  Object.entries(dumperOptions).map(([key, option]) => [key, 'default' in option ? option.default : undefined]),
);

function exchange(response: Response | undefined, request = Request.make('GET', 'http://h/verbose?a=1')): HttpFlow {
  const flow = new HttpFlow(request, { clientConn: new ClientConnection(), serverConn: new ServerConnection() });
  flow.response = response;
  return flow;
}

/** What is printed of flows whose path is of any kind, unless the options say otherwise. */
function printed(flow: HttpFlow, options: Readonly<Record<string, unknown>> = {}, isTerminal = false): string {
  const pieces: Buffer[] = [];
  const logger = new VerboseLogger({ write: (text) => pieces.push(text), isTerminal });
  const values = { ...defaults, verbosePattern: '^/', ...options };
  const context = { options: values, now: () => now };
  logger.configure(new Set(Object.keys(values)), context);
  if (flow.error === undefined) logger.response(flow, context);
  else logger.error(flow, context);
  return Buffer.concat(pieces).toString();
}

/** What is printed of a response's body. */
function body(response: Response, options: Readonly<Record<string, unknown>> = {}): string {
  return /\nResponseBody:([^]*)$/.exec(printed(exchange(response), options))?.[1] ?? '';
}

function withBody(content: Buffer | string | undefined, headers: Record<string, string> = {}): Response {
  const response = Response.make(200, '', headers);
  response.rawContent = typeof content === 'string' ? Buffer.from(content) : content;
  return response;
}

describe('the fine-grained logger', () => {
  it('prints time, headers and bodies under labels', () => {
    const request = Request.make('POST', 'http://h/verbose', 'a=1', { Host: 'h' });
    const text = printed(exchange(Response.make(404, 'no', { 'X-Y': 'z' }), request));
    expect(text.replace(/^\[\d\d:\d\d:/, '[hh:mm:')).toBe(
      [
        '[hh:mm:04.005]',
        'RequestHeaders:',
        '    Host: h',
        '    content-length: 3',
        'RequestBody:     a=1',
        'Status:          404',
        'ResponseHeaders:',
        '    X-Y: z',
        '    content-length: 2',
        'ResponseBody:    no',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['/verbose', true],
    ['bose\\?a=\\d$', true],
    ['(?i)^/VERBOSE', true],
    ['http://', false],
    ['^/other', false],
    ['', false],
    [undefined, false],
  ])('looks for %s in the path', (verbosePattern, isFound) => {
    expect(printed(exchange(Response.make()), { verbosePattern }) !== '').toBe(isFound);
  });

  it('shows the place in a pattern that is none', () => {
    expect(() => printed(exchange(Response.make()), { verbosePattern: '/a(b' })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: 'verbose_pattern: this bracket is never closed',
        marked: '/a(b\n  ^',
      }),
    );
  });

  it('prints nothing where the dumper prints nothing', () => {
    const flow = exchange(Response.make());
    expect(printed(flow, { flowDetail: 0 })).toBe('');
    expect(printed(flow, { dumperFilter: '~m post' })).toBe('');
    expect(printed(flow, { dumperFilter: '~m get' })).not.toBe('');
  });

  it('tells of requests that fail, with what was answered, if anything', () => {
    const failed = exchange(undefined);
    failed.error = { message: 'connection refused\nStatus: 200', timestamp: 1 };
    expect(printed(failed)).toMatch(/\nRequestBody:\nError: {11}connection refused\.Status: 200\n$/);
    failed.response = withBody(undefined);
    expect(printed(failed)).toMatch(/\nResponseBody: {4}\(content missing\)\nError: {11}connection/);
  });

  it('prints trailers where there are any', () => {
    const response = withBody('x');
    response.trailers = new Headers([['grpc-status', '0']]);
    expect(body(response)).toBe('    x\nResponseTrailers:\n    grpc-status: 0\n');
  });

  describe('bodies', () => {
    it('are printed as they are, further lines below the first', () => {
      const forged = '{"a":1}\r\nStatus: 200\n\n  x \u2028y\n';
      const below = ' '.repeat(17);
      expect(body(withBody(forged, { 'content-type': 'application/json' }))).toBe(
        `    {"a":1}\n${below}Status: 200\n\n${below}  x \n${below}y\n`,
      );
    });

    it('are decoded', () => {
      expect(body(withBody(gzipSync('zipped'), { 'content-encoding': 'gzip' }))).toBe('    zipped\n');
    });

    it('are text in UTF-8, or in what their headers say', () => {
      expect(body(withBody('çé 你好'))).toBe('    çé 你好\n');
      const utf16 = Buffer.from('é', 'utf16le');
      expect(body(withBody(utf16, { 'content-type': 'text/plain; charset=utf-16le' }))).toBe('    é\n');
      const latin1 = Buffer.from('é', 'latin1');
      expect(body(withBody(latin1, { 'content-type': 'text/plain; charset=iso-8859-1' }))).toBe('    é\n');
    });

    it('that are no text are printed as the dumper does it, without control characters', () => {
      expect(body(withBody('\x1b[2J'))).toBe('    \\x1b[2J\n');
      expect(body(withBody(Buffer.from([0, 1, 2, 255])))).toBe(
        '    0000000000 00 01 02 ff                                       ....\n',
      );
      expect(body(withBody('not zipped\x07', { 'content-encoding': 'gzip' }))).toContain('not zipped\\x07\n');
    });

    it('are shown with the view that is asked for', () => {
      expect(body(withBody('ok'), { dumperDefaultContentview: 'hex' })).toContain('0000000000 6f 6b');
      expect(body(withBody('a=b'), { dumperDefaultContentview: 'URLencoded' })).toMatch(/ a: b$/m);
    });

    it('are cut where the option says so, but for detail 4', () => {
      const long = withBody('x\n'.repeat(600));
      const cut = body(long, { contentViewLinesCutoff: 2 });
      expect(cut).toBe(`    x\n${' '.repeat(17)}x\n${' '.repeat(17)}(cut off)\n`);
      expect(body(long).split('x\n')).toHaveLength(513);
      expect(body(long, { flowDetail: 4 }).split('x\n')).toHaveLength(601);
      expect(body(withBody('x'), { contentViewLinesCutoff: 1 })).toBe('    x\n');
    });
  });

  it('marks labels on terminals', () => {
    expect(printed(exchange(withBody('x')), {}, true)).toContain('\n\x1b[1mResponseBody:\x1b[0m    \x1b[32mx\x1b[0m\n');
  });
});
