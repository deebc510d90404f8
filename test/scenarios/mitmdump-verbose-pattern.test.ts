// The fine-grained logger of mitmdump, as the documentation of the NixOS module shows it: curl, and a server of Python.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../kit/dump-process.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import { runMitmdump } from '../kit/run-mitmdump.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';

/** Answers with the path, as Python's http.server does. */
function pythonServer(): Promise<RawServer> {
  return rawServer((peer) => {
    void peer.until('\r\n\r\n').then(() => {
      const body = `test2${peer.text.split(' ')[1] ?? ''}`;
      const head = [
        ...['HTTP/1.0 200 OK', 'Server: BaseHTTP/0.6 Python/3.13.4', 'Date: Sun, 03 Aug 2025 22:42:58 GMT'],
        ...['Content-Type: text/plain', `Content-Length: ${String(body.length)}`],
      ];
      peer.send(`${head.join('\r\n')}\r\n\r\n${body}`).end();
    });
  });
}

/** Below the lines of the connections, what is printed with `verbose_pattern=/verbose` of both requests. */
const documented = `
127.0.0.1:53586: GET http://127.0.0.1:8000/notverbose HTTP/1.1
     << HTTP/1.0 200 OK 16b
[22:42:58.840]
RequestHeaders:
    Host: 127.0.0.1:8000
    User-Agent: curl/8.14.1
    Accept: */*
RequestBody:
Status:          200
ResponseHeaders:
    Server: BaseHTTP/0.6 Python/3.13.4
    Date: Sun, 03 Aug 2025 22:42:58 GMT
    Content-Type: text/plain
    Content-Length: 13
ResponseBody:    test2/verbose
127.0.0.1:53602: GET http://127.0.0.1:8000/verbose HTTP/1.1
     << HTTP/1.0 200 OK 13b
`.slice(1);

/** With what is different each time as the documentation has it. */
function asDocumented(printed: string, port: number): string {
  return printed
    .slice(printed.search(/^\S+: GET /m))
    .replaceAll(/^\S+: (?:client|server) (?:dis)?connect.*\n/gm, '')
    .replaceAll(/^ +<</gm, '     <<')
    .replaceAll(/^127\.0\.0\.1:\d+(?=: GET \S+\/notverbose)/gm, '127.0.0.1:53586')
    .replaceAll(/^127\.0\.0\.1:\d+(?=: GET \S+\/verbose)/gm, '127.0.0.1:53602')
    .replaceAll(`127.0.0.1:${String(port)}`, '127.0.0.1:8000')
    .replace(/^\[\d\d:\d\d:\d\d\.\d{3}\]$/m, '[22:42:58.840]')
    .replace(/curl\/\S+/, 'curl/8.14.1');
}

describe.skipIf(!hasProgram('curl'))('verbose_pattern', { timeout: 60_000 }, () => {
  test('prints all of what matches, and a line of the rest, as documented', async () => {
    const { port } = await pythonServer();
    const reverse = ['--mode', `reverse:http://127.0.0.1:${String(port)}`];
    const dump = await dumpProcess(...reverse, '--set', 'verbose_pattern=/verbose');
    for (const path of ['/notverbose', '/verbose']) {
      expect((await dump.curl(dump.url + path)).stdout).toBe(`test2${path}`);
    }
    const { status, out, err } = await dump.stop();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(asDocumented(out, port)).toBe(documented);
  });

  test('tells of bodies that are sent, compressed, streamed and lost, over HTTP/2 as well', async () => {
    const { port } = await webServer('h2', (request, response) => {
      if (request.url === '/lost') {
        request.socket.destroy();
        return;
      }
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(request.url === '/large' ? 'large'.repeat(1e5) : 'one\ntwo'));
    });
    const reverse = ['--mode', `reverse:https://localhost:${String(port)}`, '--set', 'stream_large_bodies=500'];
    const dump = await dumpProcess(...reverse, '--set', 'verbose_pattern=.');
    const url = `https://${dump.at}`;
    expect((await dump.curl('--http2', '--compressed', '-d', 'a=b', `${url}/form`)).stdout).toBe('one\ntwo');
    expect((await dump.curl('--http2', '--compressed', `${url}/large`)).stdout).toHaveLength(5e5);
    await dump.curl('--http2', `${url}/lost`);
    const { out } = await dump.stop();
    const blocks = out.split(/^\[\d\d:\d\d:\d\d\.\d{3}\]$/m).slice(1);
    expect(blocks).toHaveLength(3);
    expect(blocks[0]).toMatch(/^ {4}content-type: application\/x-www-form-urlencoded\nRequestBody: {5}a=b\nStatus: /m);
    expect(blocks[0]).toMatch(/^ResponseBody: {4}one\n {17}two\n\S+ POST https:\S+\/form HTTP\/2\.0\n +<< HTTP\/2\.0/m);
    expect(blocks[1]).toMatch(/^ResponseBody: {4}\(content missing\)\n\S+ GET .*\/large HTTP\/2\.0\n/m);
    expect(blocks[2]).toMatch(/^RequestBody:\nError: {11}(.*)\n\S+ GET .*\/lost HTTP\/2\.0\n << \1\n/m);
  });

  test('says in a line what is wrong with a pattern', async () => {
    const run = runMitmdump(['--confdir', temporaryDirectory(), '-n', '--set', 'verbose_pattern=/a(b']);
    const err = 'mitmdump: verbose_pattern: this bracket is never closed\n/a(b\n  ^\n';
    expect(await run).toEqual({ status: 1, out: '', err });
  });
});
