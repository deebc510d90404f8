import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';

const run = promisify(execFile);

async function curl(...args: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-s', '--noproxy', '', ...args], { encoding: 'latin1' });
  return stdout;
}

describe('curl', () => {
  test('gets crafted responses', async () => {
    const daemon = await startDaemon();
    expect(await curl('-i', daemon.p("418:m'Short and stout':h'A'='b':b'tea'"))).toBe(
      'HTTP/1.1 418 Short and stout\r\nA: b\r\nContent-Length: 3\r\n\r\ntea',
    );
    expect(await curl(daemon.p('200:b@100k,digits'))).toMatch(/^\d{102400}$/);
  });

  test('sends a spec typed into a URL as it is', async () => {
    const daemon = await startDaemon();
    expect(await curl('-g', daemon.url(`/p/200:b'a?b={1}[2]'`))).toBe('a?b={1}[2]');
  });

  test('uses one connection for many requests, and several for parallel ones', async () => {
    const daemon = await startDaemon();
    expect(await curl('-w', '%{http_code} ', daemon.p('201'), daemon.p('202'), daemon.p('203'))).toBe('201 202 203 ');
    const ports = daemon.log().map((record) => (record.type === 'crafted' ? record.request.remoteAddress[1] : 0));
    expect(new Set(ports).size).toBe(1);
  });

  test('sends bodies: by length, chunked, and with leave', async () => {
    const daemon = await startDaemon({ anchors: [['/up', "200:b'done'"]], logRequests: true });
    const body = 'x'.repeat(10_000);
    expect(await curl('-d', body, daemon.url('/up'))).toBe('done');
    expect(await curl('-d', body, '-H', 'Transfer-Encoding: chunked', daemon.url('/up'))).toBe('done');
    const verbose = await run('curl', ['-sv', '-d', body, '-H', 'Expect: 100-continue', daemon.url('/up')]);
    expect(verbose.stderr).toContain('< HTTP/1.1 100 Continue');
    expect(verbose.stdout).toBe('done');
    expect(daemon.log()).toHaveLength(3);
  });

  test('takes it for a proxy, with and without a tunnel', async () => {
    const daemon = await startDaemon({ anchors: [['/users/1', "200:b'Ada'"]] });
    const proxy = ['-x', `127.0.0.1:${String(daemon.port)}`];
    expect(await curl(...proxy, 'http://example.test/users/1')).toBe('Ada');
    expect(await curl('-p', ...proxy, 'http://example.test/users/1')).toBe('Ada');
    expect(daemon.log()).toMatchObject([
      { request: { firstLineFormat: 'relative' } },
      { request: { firstLineFormat: 'absolute' } },
    ]);
  });

  test('that wants TLS is turned away with a word in the log', async () => {
    const daemon = await startDaemon();
    await expect(curl('-k', daemon.url().replace('http:', 'https:'))).rejects.toMatchObject({ code: 35 });
    expect(daemon.lastLog()).toMatchObject({ type: 'error', msg: expect.stringContaining('began TLS') as string });
  });

  test('shakes hands for a WebSocket', async () => {
    const daemon = await startDaemon();
    const fields = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const shake = ['-si', '--noproxy', '', ...fields.flatMap((field) => ['-H', field]), daemon.p('ws:da')];
    // It takes the end of the connection behind the answer for an empty reply, and prints the answer all the same.
    const { stdout } = await run('curl', shake).catch((error: { stdout: string }) => error);
    expect(stdout).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});
