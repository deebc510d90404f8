// docs/features/proxy-authentication.md
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { WebProtocol } from '../../kit/web-server.js';

/** A server, the URL of it, and what of credentials reached it. */
async function guardedServer(protocol: WebProtocol): Promise<{ readonly url: string; readonly seen: unknown[] }> {
  const seen: unknown[] = [];
  const { port } = await webServer(protocol, ({ headers }, response) => {
    seen.push(headers['proxy-authorization'] ?? headers.authorization);
    response.end('inside');
  });
  return { url: `${protocol}://localhost:${String(port)}/`, seen };
}

/** The status that a client gets with these credentials; for CONNECT, that of CONNECT. */
async function status(through: DumpProcess['through'], url: string, ...credentials: string[]): Promise<string> {
  const format = url.startsWith('https:') ? '%{http_connect}' : '%{http_code}';
  const user = credentials.flatMap((one) => ['-U', one]);
  return (await through('-o', '/dev/null', '-w', format, ...user, url)).stdout;
}

describe.skipIf(!hasProgram('curl') || !hasProgram('openssl'))('proxy authentication', { timeout: 60_000 }, () => {
  test('asks for one user, or any', async () => {
    const servers = await Promise.all([guardedServer('http'), guardedServer('https')]);
    const file = join(temporaryDirectory(), 'flows');
    const [old, today, anyone] = await Promise.all([
      dumpProcess('--singleuser', 'joe:hunter2'),
      dumpProcess('--proxyauth', 'joe:hunter2', '-w', file),
      dumpProcess('--nonanonymous'),
    ]);
    for (const { through } of [old, today, anyone]) {
      const isAnyone = through === anyone.through;
      for (const { url } of servers) {
        expect(await status(through, url)).toBe('407');
        expect(await status(through, url, 'joe:guess')).toBe(isAnyone ? '200' : '407');
        expect(await status(through, url, 'joe:hunter2')).toBe('200');
        // A client that gives them when it is asked to, and not before.
        const asked = await through('--proxy-anyauth', '-U', 'joe:hunter2', url);
        expect(asked).toMatchObject({ stdout: 'inside', stderr: '' });
      }
    }
    // What is for the proxy is told to nobody else, not even to files.
    expect(servers.flatMap(({ seen }) => seen).filter((credentials) => credentials !== undefined)).toEqual([]);
    expect((await old.stop()).err).toMatch(/^mitmdump: --singleuser is a flag .* --proxyauth USER:PASSWORD\n$/);
    expect((await anyone.stop()).err).toMatch(/^mitmdump: --nonanonymous is a flag .* --proxyauth any\n$/);
    await today.stop();
    const { out } = await runMitmdump(['--confdir', temporaryDirectory(), '-nr', file, '--flow-detail', '2']);
    expect(out).toContain('<< 407 Proxy Authentication Required');
    expect(
      out.split(/^(?=127\.)/m).filter((flow) => /<< 200 OK/.test(flow) && /proxy-authorization/i.test(flow)),
    ).toEqual([]);
  });

  test('knows users from an htpasswd file', async () => {
    const { url } = await guardedServer('http');
    const path = join(temporaryDirectory(), 'users');
    const apr1 = (await run('openssl', ['passwd', '-apr1', 'tïger'])).stdout.trim();
    const sha1 = createHash('sha1').update('lion').digest('base64');
    writeFileSync(path, `# who\n\nbea:${await hash('bear', 4)}\r\ntim:${apr1}\nleo:{SHA}${sha1}\nleo:${apr1}\n`);
    const [old, today] = await Promise.all([dumpProcess('--htpasswd', path), dumpProcess('--proxyauth', `@${path}`)]);
    for (const { through } of [old, today]) {
      const users = ['bea:bear', 'tim:tïger', 'leo:lion', 'bea:lion', 'tim:tiger', 'leo:', 'eve:bear'];
      const answers = await Promise.all(users.map((user) => status(through, url, user)));
      expect(answers).toEqual(['200', '200', '200', '407', '407', '407', '407']);
    }
    const { err } = await old.stop();
    expect(err).toMatch(/--htpasswd is a flag of mitmproxy 1\.0: today it is --proxyauth @FILE/);
    expect(err).not.toMatch(/bear|lion|ger\b/);
  });

  // mitmproxy 1.0 asked in regular mode alone.
  test('works in the other modes', async () => {
    const { url, seen } = await guardedServer('http');
    const proxyauth = 'joe:hunter2';
    const reverse = await startedProxy({ mode: `reverse:${url}`, proxyauth });
    expect((await reverse.curl('-i', reverse.proxy.url)).stdout).toMatch(/^HTTP\/1.1 401 [^]*WWW-Authenticate: Basic/);
    expect((await reverse.curl('-u', proxyauth, reverse.proxy.url)).stdout).toBe('inside');
    const upstream = await startedProxy({ proxyauth });
    const front = await startedProxy({ mode: `upstream:http://${upstream.at}`, upstreamAuth: proxyauth });
    expect((await front.through(url)).stdout).toBe('inside');
    const socks = await startedProxy({ mode: 'socks5', proxyauth });
    expect((await socks.curl('--socks5-hostname', `joe:hunter2@${socks.at}`, url)).stdout).toBe('inside');
    expect((await socks.curl('--socks5-hostname', `joe:hunter@${socks.at}`, url)).code).toBe(97);
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  test('refuses what it cannot use, and does not print it', async () => {
    const err = async (...argv: readonly string[]): Promise<string> =>
      (await runMitmdump(['--confdir', temporaryDirectory(), '-n', ...argv])).err;
    expect(await err('--proxyauth', 'hunter2')).toBe(
      'mitmdump: proxyauth takes USER:PASSWORD, any, or @FILE for an htpasswd file\n',
    );
    expect(await err('--htpasswd', '/nowhere/users')).toContain('/nowhere/users: No such file or directory');
    const path = join(temporaryDirectory(), 'users');
    writeFileSync(path, 'joe:hunter2\n');
    const plain = await err('--htpasswd', path);
    expect(plain).toMatch(/users, line 1: the hash is of no known kind; make it with htpasswd -B/);
    expect(plain).not.toContain('hunter2');
  });
});
