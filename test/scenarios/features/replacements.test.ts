// docs/features/replacements.md
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest } from '../../kit/web-server.js';

const exploit = String.raw`<script>alert("1")</script>`;
const binary = Buffer.from([0x00, 0xff, 0x66, 0x6f, 0x6f, 0xfe, 0x0a]);

/** Tells how it was asked; or serves bytes that are no text, or compressed ones. */
const pages: OnRequest = ({ url = '', headers }, response, body) => {
  if (url.startsWith('/binary')) response.end(binary);
  else if (url.startsWith('/gzip')) response.setHeader('Content-Encoding', 'gzip').end(gzipSync('foo and foo'));
  else if (url.startsWith('/broken')) response.setHeader('Content-Encoding', 'gzip').end('foo');
  else response.setHeader('X-Foo', 'foo').end(`${url} ${String(headers['x-say'])} ${String(body)} foo`);
};

describe.skipIf(!hasProgram('curl'))('replacements', { timeout: 60_000 }, () => {
  test('change the text of requests or responses that match', async () => {
    const { port } = await webServer('http', pages);
    const url = `http://127.0.0.1:${String(port)}`;
    const file = join(temporaryDirectory(), 'xss-exploit');
    writeFileSync(file, exploit);
    const rules = [':~q:foo:bar', '#~s & ~u gone#foo#', String.raw`|~q|n(\d)o|[\\1/\\1]`];
    const [old, today] = await Promise.all([
      dumpProcess(...rules.flatMap((rule) => ['--replace', rule]), '--replace-from-file', `:~q:XSS:${file}`),
      dumpProcess(...rules.flatMap((rule) => ['-B', rule]), '-B', `:~q:XSS:@${file}`),
    ]);
    const sent = ['-i', '-H', 'X-Say: foo', '-d', 'foo=foo&n7o&XSS', `${url}/foo?q=foo`];
    const everywhere = await old.through(...sent);
    // What the server says is none of a rule for requests.
    expect(everywhere.stdout).toContain(`\r\n\r\n/bar?q=bar bar bar=bar&[7/7]&${exploit} foo`);
    expect(everywhere.stdout).toContain('X-Foo: foo\r\n');
    const bodies = await today.through(...sent);
    expect(bodies.stdout).toContain(`\r\n\r\n/foo?q=foo foo bar=bar&[7/7]&${exploit} foo`);
    expect((await old.through('-i', `${url}/gone`)).stdout).toMatch(/X-Foo: *\r\n[^]*\r\n\r\n\/gone undefined {2}$/);
    expect((await today.through('-i', `${url}/gone`)).stdout).toMatch(
      /X-Foo: foo\r\n[^]*\r\n\r\n\/gone undefined {2}$/,
    );
    // The file is read for each message.
    writeFileSync(file, 'harmless');
    for (const { through } of [old, today]) {
      expect((await through('-d', 'XSS', `${url}/`)).stdout).toContain(' harmless ');
    }
    expect((await old.stop()).err).toBe(
      'mitmdump: --replace is a flag of mitmproxy 1.0: today it is -B RULE for bodies, -H RULE for header fields\n' +
        'mitmdump: --replace-from-file is a flag of mitmproxy 1.0: today it is -B RULE, with @ before the path\n',
    );
  });

  test.each(['modifyBody', 'replacements'])('take bodies for bytes, and decode them: %s', async (option) => {
    const { port } = await webServer('http', pages);
    const rules = [String.raw`/~s & ~u binary/\xff(foo)\xfe/\\g<1>\x00\xff`, '/~s & !~u binary/foo/bar'];
    const { proxy, lines, curl } = await startedProxy({
      mode: `reverse:http://127.0.0.1:${String(port)}`,
      addonOptions: { [option]: rules },
    });
    const bytes = Buffer.from(await (await fetch(`${proxy.url}/binary`)).arrayBuffer());
    expect(bytes.toString('hex')).toBe(`00${Buffer.from('foo').toString('hex')}00ff0a`);
    const response = await fetch(`${proxy.url}/gzip`);
    expect([response.headers.get('content-encoding'), await response.text()]).toEqual(['gzip', 'bar and bar']);
    const [flow] = proxy.httpFlows('~u gzip');
    const raw = flow?.response?.rawContent ?? Buffer.alloc(0);
    expect([String(gunzipSync(raw)), response.headers.get('content-length')]).toEqual([
      'bar and bar',
      String(raw.length),
    ]);
    // The body is not what its header says: it stays.
    expect((await curl('-i', `${proxy.url}/broken`)).stdout).toMatch(/\r\nfoo$/);
    expect(lines.join('\n')).toMatch(/warn: a body was left as it is by (modify_body|replacements): /);
  });

  test('leave what tells where a body ends', async () => {
    const { port } = await webServer('http', (_, response) => response.end('12345'));
    const { proxy } = await startedProxy({
      mode: `reverse:http://127.0.0.1:${String(port)}`,
      addonOptions: { replacements: [String.raw`/~s/\b5\b/500`, '/~s/chunked/x'] },
    });
    expect(await (await fetch(proxy.url)).text()).toBe('12345');
  });

  test('leave bodies that pass as they arrive, and say so', async () => {
    const { port } = await webServer('http', (_, response, body) => {
      response.setHeader('X-Foo', 'foo').setHeader('Content-Length', body.length);
      response.end(body);
    });
    const { proxy, lines } = await startedProxy({
      ...{ mode: `reverse:http://127.0.0.1:${String(port)}`, streamLargeBodies: '1k', storeStreamedBodies: true },
      addonOptions: { modifyBody: ['/~q/foo/bar'], replacements: ['/~s/foo/bar'] },
    });
    const large = 'foo '.repeat(1000);
    const response = await fetch(proxy.url, { method: 'POST', body: large });
    expect(response.headers.get('x-foo')).toBe('bar');
    expect(await response.text()).toBe(large);
    const [flow] = proxy.httpFlows();
    // What is kept is what was sent.
    expect([flow?.request.text, flow?.response?.text]).toEqual([large, large]);
    expect(lines.filter((line) => line.startsWith('warn: '))).toEqual([
      'warn: a body was left as it is by modify_body: it was passed on as it arrived',
      'warn: a body was left as it is by replacements: it was passed on as it arrived',
    ]);
  });

  test('of rules that cannot be used are told', async () => {
    const err = async (...argv: readonly string[]): Promise<string> =>
      (await runMitmdump(['--confdir', temporaryDirectory(), '-n', ...argv])).err;
    expect(await err('--replace-from-file', ':~q:foo:/nowhere/file')).toMatch(
      /\nmitmdump: replacements .*: \/nowhere\/file cannot be read: No such file or directory\n$/,
    );
    expect(await err('-B', ':~q:foo:@/nowhere/file')).toMatch(
      /^mitmdump: modify_body .*\/nowhere\/file cannot be read/,
    );
    expect(await err('-B', '/(/x')).toMatch(/^mitmdump: modify_body does not take \/\(\/x: .*\n\(\n\^\n$/);
    expect(await err('--replace', 'foo')).toContain('it takes two or three parts');
  });
});
