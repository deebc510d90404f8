// docs/features/set-headers.md
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest } from '../../kit/web-server.js';

/** Answers with the lines of the request's head, and header fields of its own. */
const tellHead: OnRequest = ({ rawHeaders }, response) => {
  const lines = rawHeaders.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${rawHeaders[i + 1] ?? ''}`] : []));
  response.setHeader('X-Powered-By', 'steam');
  response.setHeader('Set-Cookie', ['a=1', 'b=2']);
  response.end(`${lines.join('\n')}\n`);
};

/** The fields of one name, in lines. */
function fields(lines: string, name: string): string[] {
  return lines.split(/\r?\n/).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `));
}

describe.skipIf(!hasProgram('curl'))('header fields that rules set', { timeout: 60_000 }, () => {
  test('are in requests and responses that match', async () => {
    const { port } = await webServer('http', tellHead);
    const server = `http://127.0.0.1:${String(port)}`;
    const rules = [
      ...[':~q:Host:example.com', '/~q & ~u tagged/x-tag/one', '/~q & ~u tagged/X-Tag/two'],
      // The first character separates; the value may hold it.
      ...['|~s|X-Seen|a|b', '@~s & ~c 200@set-cookie@c=3', String.raw`:~q:X-Escape:\x41\t`],
    ];
    const [old, today] = await Promise.all([
      dumpProcess('-R', server, ...rules.flatMap((rule) => ['--setheader', rule])),
      dumpProcess('--mode', `reverse:${server}`, ...rules.flatMap((rule) => ['-H', rule])),
    ]);
    for (const [{ curl, url }, escaped] of [
      [old, String.raw`\x41\t`],
      [today, 'A'],
    ] as const) {
      const { stdout } = await curl('-i', '-H', 'X-TAG: mine', `${url}/tagged`, '-:', '-sS', `${url}/other`);
      expect(fields(stdout, 'host')).toEqual(['Host: example.com', 'Host: example.com']);
      expect(fields(stdout, 'x-tag')).toEqual(['x-tag: one', 'X-Tag: two']);
      expect(fields(stdout, 'x-escape').map((line) => line.trim())).toEqual(Array(2).fill(`X-Escape: ${escaped}`));
      expect(fields(stdout, 'x-seen')).toEqual(['X-Seen: a|b']);
      expect(fields(stdout, 'set-cookie')).toEqual(['set-cookie: c=3']);
    }
    const { err } = await old.stop();
    expect(err).toMatch(/--setheader is a flag of mitmproxy 1\.0: today it is -H RULE\n/);
  });

  test('are taken out without a value, and read from a file', async () => {
    const { port } = await webServer('http', tellHead);
    const file = join(temporaryDirectory(), 'value');
    writeFileSync(file, 'as an editor leaves it\n');
    const { through } = await startedProxy({
      addonOptions: { modifyHeaders: ['/~q/user-agent/', '/~s/X-POWERED-BY/', `|~q|X-File|@${file}`] },
    });
    const url = `http://127.0.0.1:${String(port)}/`;
    const { stdout } = await through('-i', '-A', 'secret', url);
    expect(fields(stdout, 'user-agent')).toEqual([]);
    expect(fields(stdout, 'x-powered-by')).toEqual([]);
    expect(fields(stdout, 'x-file')).toEqual(['X-File: as an editor leaves it']);
    // The file is read for each message.
    writeFileSync(file, 'another');
    expect(fields((await through(url)).stdout, 'x-file')).toEqual(['X-File: another']);
  });

  test('are in HTTP/2, in lower case', async () => {
    const { port } = await webServer('h2', (request, response) => {
      response.setHeader('x-got', `${String(request.httpVersion)} ${String(request.headers['x-tag'])}`);
      response.end();
    });
    const { through } = await startedProxy({ addonOptions: { modifyHeaders: ['/~q/X-Tag/two', '/~s/X-Seen/yes'] } });
    const { stdout } = await through('--http2', '-i', `https://localhost:${String(port)}/`);
    expect(stdout).toMatch(/^HTTP\/2 200 /m);
    expect(fields(stdout, 'x-got')).toEqual(['x-got: 2.0 two']);
    expect(fields(stdout, 'x-seen')).toEqual(['x-seen: yes']);
  });

  test('are set when bodies pass as they arrive, too', async () => {
    const { port } = await webServer('http', (request, response, body) => {
      response.setHeader('X-Got', String(request.headers['x-tag']));
      response.writeHead(200, request.url === '/known' ? { 'Content-Length': body.length } : {});
      response.end(body);
    });
    const { through, proxy } = await startedProxy({
      streamLargeBodies: '1k',
      addonOptions: { modifyHeaders: ['/~q/X-Tag/set', '/~s/X-Seen/yes', '/~bs aaa/X-Body/seen'] },
    });
    const large = join(temporaryDirectory(), 'large');
    writeFileSync(large, 'a'.repeat(3000));
    const upload = (...args: readonly string[]): Promise<{ stdout: string }> => through('-i', '-H', 'Expect:', ...args);
    const url = `http://127.0.0.1:${String(port)}`;
    const answers = await Promise.all([
      ...[upload('--data-binary', `@${large}`, `${url}/known`), upload('-T', large, `${url}/known`)],
      ...[upload('-H', 'Transfer-Encoding: chunked', '-d', `@${large}`, `${url}/chunked`)],
    ]);
    for (const { stdout } of answers) {
      expect(fields(stdout, 'x-got')).toEqual(['X-Got: set']);
      expect(fields(stdout, 'x-seen')).toEqual(['X-Seen: yes']);
      expect(stdout.endsWith('a'.repeat(3000))).toBe(true);
    }
    // What is small enough is gathered: rules may look into it, and none is applied twice.
    const { stdout } = await upload('-d', 'aaa', `${url}/chunked`);
    expect(['x-got', 'x-seen', 'x-body'].flatMap((name) => fields(stdout, name))).toEqual([
      ...['X-Got: set', 'X-Seen: yes', 'X-Body: seen'],
    ]);
    expect(proxy.httpFlows().map(({ request }) => request.headers.getAll('x-tag'))).toEqual(Array(4).fill(['set']));
  });

  test('of rules that cannot be used are told', async () => {
    const err = async (...argv: readonly string[]): Promise<string> =>
      (await runMitmdump(['--confdir', temporaryDirectory(), '-n', ...argv])).err;
    expect(await err('-H', 'X-Tag: one')).toMatch(/^mitmdump: modify_headers does not take X-Tag: one: /);
    expect(await err('--setheader', '/~nope/X/y')).toMatch(/there is no operator ~nope\n~nope\n\^\n$/);
    expect(await err('-H', '|~q|X|@/nowhere/file')).toContain(
      '/nowhere/file cannot be read: No such file or directory',
    );
  });
});
