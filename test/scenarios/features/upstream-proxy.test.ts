// docs/features/upstream-proxy.md
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { webServer } from '../../kit/web-server.js';

describe.skipIf(!hasProgram('curl'))('upstream proxy', { timeout: 60_000 }, () => {
  test('gives everything to another proxy, which is another mitmdump here', async () => {
    const [plain, secure] = await Promise.all([webServer('http'), webServer('h2')]);
    const { proxy: other } = await startedProxy({
      proxyauth: 'ada:secret',
      ignoreHosts: ['localhost'],
      showIgnoredHosts: true,
    });
    const servers = new Set<unknown>();
    for (const { server } of [plain, secure]) server.on('connection', ({ remotePort }) => servers.add(remotePort));
    const at = `http://127.0.0.1:${String(other.port)}`;
    const [old, today, stranger] = await Promise.all([
      dumpProcess('-U', at, '--upstream-auth', 'ada:secret'),
      dumpProcess('--mode', `upstream:${at}`, '--upstream-auth', 'ada:secret'),
      dumpProcess('--mode', `upstream:${at}`),
    ]);
    for (const program of [old, today]) {
      const answers = await program.through(
        ...[`http://127.0.0.1:${String(plain.port)}/a`, `https://localhost:${String(secure.port)}/b`],
      );
      expect(answers).toMatchObject({ code: 0, stderr: '' });
      expect(answers.stdout).toBe(
        `HTTP/1.1 GET /a 127.0.0.1:${String(plain.port)} 0HTTP/2.0 GET /b localhost:${String(secure.port)} 0`,
      );
      // The program reads what the other proxy only passes on.
      await program.until(/GET https:\/\/localhost:\d+\/b/);
    }
    // Both ends of each connection to a server are ours or the other proxy's: those of the other one are known.
    const theirs = other.flows().map(({ serverConn }) => serverConn.sockname?.[1]);
    for (const port of servers) expect(theirs).toContain(port);
    expect(other.httpFlows('~u /a').map(({ request }) => request.headers.has('proxy-authorization'))).toEqual([
      false,
      false,
    ]);
    const refused = await stranger.through('-i', `http://127.0.0.1:${String(plain.port)}/a`);
    expect(refused.stdout).toMatch(/^HTTP\/1.1 407 /);
  });
});
