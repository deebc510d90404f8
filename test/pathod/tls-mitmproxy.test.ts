/** Real mitmproxy in front of the daemon, and its authority in the daemon's hands. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const port = (number: number): string => `http://127.0.0.1:${String(number)}`;

describe.skipIf(!hasProgram('mitmdump') || !hasProgram('curl'))('with real mitmproxy', { timeout: 60_000 }, () => {
  test('as the proxy in between, pathod is any site, and one authority is enough', async () => {
    const directory = temporaryDirectory();
    const proxy = await mitmdump(directory);
    const daemon = await startDaemon({ ssl: true, confdir: directory });
    const ca = join(directory, 'mitmproxy-ca-cert.pem');
    const url = daemon.p("200:b'hello'");
    for (const [version, through] of [
      ['--http1.1', ['-x', port(proxy)]],
      ['--http2', ['-x', port(proxy)]],
      ['--http1.1', []],
      ['--http2', []],
    ] as const) {
      const ran = await run('curl', ['-sS', '--noproxy', '', '--cacert', ca, version, ...through, url]);
      expect(ran).toEqual({ code: 0, stdout: 'hello', stderr: '' });
    }
    expect(daemon.log().filter(({ type }) => type === 'crafted')).toHaveLength(4);
  });

  test('with a handshake that goes wrong, it says so to its client', async () => {
    const directory = temporaryDirectory();
    const proxy = await mitmdump(directory);
    const daemon = await startDaemon({ ssl: true, tlsFault: 'alert-internal-error' });
    const args = ['-sS', '-k', '-i', '--noproxy', '', '-x', port(proxy), daemon.url('/')];
    const { stdout } = await run('curl', args);
    expect(stdout).toMatch(/ 502 /);
    expect(await daemon.expectLog(1)).toMatchObject([
      { type: 'error', msg: expect.stringMatching(/alert-internal-error/) as string },
    ]);
  });

  test('as what pathod is the upstream proxy of: CONNECT, then TLS', async () => {
    const directory = temporaryDirectory();
    const daemon = await startDaemon();
    const proxy = await mitmdump(directory, '--mode', `upstream:${port(daemon.port)}`);
    const ca = join(directory, 'mitmproxy-ca-cert.pem');
    const args = ['-sS', '--noproxy', '', '--cacert', ca, '-x', port(proxy), "https://www.example/p/200:b'hello'"];
    expect(await run('curl', args)).toEqual({ code: 0, stdout: 'hello', stderr: '' });
    expect(daemon.lastLog()).toMatchObject({ request: { sni: 'www.example' } });
  });
});
