import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequests, parseResponse, render } from '../../../src/language/index.js';
import { Comment } from '../../../src/proxy/addons/comment.js';
import { Export } from '../../../src/proxy/addons/export.js';
import { exportFormats } from '../../../src/proxy/export/formats.js';
import { shellQuote } from '../../../src/proxy/export/shell-quote.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { liveFlow, load } from './fired.js';

function theOne<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined || list.length !== 1) throw new Error(`there are ${String(list.length)}`);
  return one;
}

describe('specs', () => {
  it('are short, and readable', () => {
    const flow = new HttpFlow(
      new Request({
        method: 'POST',
        host: 'a.test',
        port: 80,
        path: '/a/b.html',
        headers: { Host: 'a.test', 'Content-Length': '2' },
        rawContent: Buffer.from('hi'),
      }),
    );
    flow.response = Response.make(404, "it's\n", { 'X-A': 'é' });
    flow.response.rawContent = Buffer.from("it's\n");
    expect(exportFormats.pathoc.write(flow)).toBe("post:/a/b.html:r:h'Host'='a.test':h'Content-Length'='2':b'hi'");
    expect(exportFormats.pathod.write(flow)).toBe(
      "404:r:m'Not Found':h'X-A'='\\xc3\\xa9':h'content-length'='5':b'it\\x27s\\n'",
    );
  });

  it('give the same bytes again', async () => {
    const token = fc.stringMatching(/^[A-Za-z-]{1,12}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    const message = fc.record({
      method: fc.oneof(fc.constantFrom('GET', 'get', 'POST', 'DELETE'), token),
      path: value.map((text) => `/${text.replaceAll(' ', '')}`),
      headers: fc.array(fc.tuple(token, value), { maxLength: 5 }),
      body: fc.uint8Array({ maxLength: 50 }),
      status: fc.integer({ min: 200, max: 599 }),
      version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
    });
    await fc.assert(
      fc.asyncProperty(message, async ({ method, path, headers, body, status, version: httpVersion }) => {
        const kept = headers.filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name));
        const init = {
          headers: [...kept, ['Content-Length', String(body.length)] as const],
          rawContent: Buffer.from(body),
          httpVersion,
        };
        const flow = new HttpFlow(new Request({ ...init, method, host: 'a.test', port: 80, path }));
        flow.response = new Response({ ...init, statusCode: status, reason: 'Why\tnot' });
        const sent = Buffer.from(await render(theOne(parseRequests(exportFormats.pathoc.write(flow))))).toString(
          'latin1',
        );
        expect(sent).toBe(exportFormats.raw_request.write(flow).toString('latin1'));
        if (method === 'HEAD' || status === 204 || status === 304) return;
        const served = Buffer.from(await render(theOne(parseResponse(exportFormats.pathod.write(flow))))).toString(
          'latin1',
        );
        expect(served).toBe(exportFormats.raw_response.write(flow).toString('latin1'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('calls of fetch', () => {
  it.each([
    ['GET', '', {}],
    ['POST', 'Grüße "quoted" \u2028', { 'X-Tag': 'a', 'Content-Type': 'text/plain;charset=utf-8' }],
  ])('say %s again', async (method, body, headers) => {
    const asked: string[] = [];
    const origin = await webServer('http', (request, response, sent) => {
      asked.push([request.method, request.url, request.headers['x-tag'], sent.toString()].join(' '));
      response.end();
    });
    const flow = liveFlow(`http://127.0.0.1:${String(origin.port)}/x?y`, headers, body, method);
    const call = exportFormats.fetch.write(flow);
    await (runInNewContext(`(async () => { ${call} })()`, { fetch }) as Promise<void>);
    expect(asked).toEqual([[method, '/x?y', flow.request.headers.get('x-tag'), body].join(' ')]);
  });

  it('keep bytes that are no text', () => {
    const flow = liveFlow('http://a.test/', {}, '', 'PUT');
    flow.request.rawContent = Buffer.from([0xff, 0]);
    expect(exportFormats.fetch.write(flow)).toContain('atob("/wA=")');
  });
});

describe.skipIf(!hasProgram('curl'))('command lines of curl', () => {
  it('say the same again', async () => {
    const asked: unknown[] = [];
    const origin = await webServer('http', (request, response, body) => {
      asked.push([request.method, request.url, request.headers['x-q'], body.toString()]);
      response.end();
    });
    const url = `http://127.0.0.1:${String(origin.port)}/a%20b?$x='y'`;
    const flow = liveFlow(url, { 'X-Q': `it's "q" $HOME \`id\`` }, 'a=b&c', 'PUT');
    await run('sh', ['-c', exportFormats.curl.write(flow, {}).replace('curl ', 'curl -sS ')]);
    expect(asked).toEqual([['PUT', "/a%20b?$x='y'", `it's "q" $HOME \`id\``, 'a=b&c']]);
  });
});

it('words are quoted as shells want them', async () => {
  const words = ['', 'plain', "it's", '$(id)', '-x', 'a b', '\\', '"', '!', 'é'];
  const { stdout } = await run('sh', ['-c', `printf '%s|' ${words.map(shellQuote).join(' ')}`]);
  expect(stdout).toBe(words.map((word) => `${word}|`).join(''));
});

describe('commands', () => {
  it('export flows, and say what is wrong', async () => {
    const { call } = await load(new Export());
    const file = join(temporaryDirectory(), 'x.sh');
    await call('export.file', 'curl', [liveFlow('http://a.test/')], file);
    expect(readFileSync(file, 'utf8')).toBe('curl http://a.test/');
    expect(call('export.formats')).toEqual([
      ...['curl', 'httpie', 'fetch', 'raw', 'raw_request', 'raw_response', 'pathoc', 'pathod'],
    ]);
    expect(() => call('export', 'wget', [])).toThrow(/unknown export format wget/);
    expect(() => call('export', 'curl', [])).toThrow('only HTTP flows can be exported');
    expect(() => call('export', 'raw_response', [liveFlow('http://a.test/')])).toThrow('the flow has no response');
    expect(() => call('exprot', 'curl')).toThrow('unknown command exprot, did you mean export?');
    expect(() => call('export', 'curl')).toThrow('usage: export format flow');
    expect(() => call('export', 1, [])).toThrow('export takes text as format');
  });

  it('write comments on flows that a filter finds', async () => {
    const flow = liveFlow('http://a.test/');
    const { call } = await load(new Comment(), {}, { flows: [flow] });
    call('flow.comment', '~all', 'look here');
    expect(flow.comment).toBe('look here');
  });
});
