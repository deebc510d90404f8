// docs/features/ignore-domains.md
import { describe, expect, test } from 'vitest';
import { authorityPem, fileOf } from '../../kit/certificates.js';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { webServer } from '../../kit/web-server.js';

/** The name of who signed the certificate that is shown to a client of OpenSSL behind CONNECT, if any is. */
async function issuer(at: string, to: string, serverName: string): Promise<string | undefined> {
  const client = ['s_client', '-proxy', at, '-connect', to, '-servername', serverName];
  const { stdout } = await run('sh', ['-c', 'exec openssl "$@" </dev/null', 'sh', ...client]);
  return /^issuer=(?:.*CN = )?(\w+)/m.exec(stdout)?.[1];
}

/** Has a program asked for these through CONNECT. @returns those where the server's own certificate was shown */
async function ignored({ at, caFile }: Pick<DumpProcess, 'at' | 'caFile'>, urls: readonly string[]): Promise<string[]> {
  const pinned = fileOf(authorityPem);
  const answers = await Promise.all(
    urls.flatMap((url) => {
      const ask = ['-sS', '-m', '50', '--noproxy', '', '-o', '/dev/null', '-w', '%{http_code}', '-x', `http://${at}`];
      return [run('curl', [...ask, '--cacert', pinned, url]), run('curl', [...ask, '--cacert', caFile, url])];
    }),
  );
  return urls.filter((_, i) => {
    const [own, forged] = [answers[2 * i]?.stdout, answers[2 * i + 1]?.stdout];
    // One of the two, never both: 000 is a certificate that was not trusted.
    expect([own, forged].sort()).toEqual(['000', '200']);
    return own === '200';
  });
}

describe.skipIf(!hasProgram('curl') || !hasProgram('openssl'))('ignored domains', { timeout: 60_000 }, () => {
  test('are passed on undecrypted, by host and port', async () => {
    const [pinned, other, plain] = await Promise.all([webServer('https'), webServer('https'), webServer('http')]);
    const [a, b, c] = [pinned, other, plain].map(({ port }) => String(port)) as [string, string, string];
    const patterns = [`^localhost:${a}$`, `:${c}$`];
    const [old, today] = await Promise.all([
      dumpProcess(...patterns.flatMap((pattern) => ['--ignore', pattern])),
      dumpProcess(...patterns.flatMap((pattern) => ['--ignore-hosts', pattern])),
    ]);
    for (const program of [old, today]) {
      const urls = [`https://localhost:${a}/`, `https://127.0.0.1:${a}/`, `https://localhost:${b}/`];
      expect(await ignored(program, urls)).toEqual(urls.slice(0, 1));
      // Requests in plain text are the proxy's own business: the connection may lead elsewhere with the next one.
      expect((await program.through(`http://localhost:${c}/asked`)).stdout).toContain('/asked');
      const { out } = await program.stop();
      expect(out).toContain(`server connect localhost:${a} (127.0.0.1:${a})\n`);
      expect(out.match(/GET \S+/g)?.sort()).toEqual([
        ...[`GET http://localhost:${c}/asked`, `GET https://127.0.0.1:${a}/`, `GET https://localhost:${b}/`],
      ]);
    }
    expect(old.err).toBe('mitmdump: --ignore is a flag of mitmproxy 1.0: today it is --ignore-hosts REGEX\n');
  });

  // Both ways to say it; with the second, the name in the ClientHello is enough to be looked into.
  test.each([
    { ignoreHosts: [String.raw`^(?!localhost)(?!mitmproxy\.org)`], isEnough: false },
    { allowHosts: ['^localhost$', String.raw`^mitmproxy\.org$`], isEnough: true },
  ])('are all but some: %j', async ({ isEnough, ...options }) => {
    const { port } = await webServer('https');
    const started = await startedProxy(options);
    const [name, address] = [`https://localhost:${String(port)}/`, `https://127.0.0.1:${String(port)}/`];
    expect(await ignored(started, [name, address])).toEqual([address]);
    expect(await issuer(started.at, `127.0.0.1:${String(port)}`, 'localhost')).toBe(isEnough ? 'pathod' : 'Test');
    expect(started.proxy.flows('~u ^https:').map((flow) => flow.type)).toEqual(['http']);
  });

  test('are found by the name in the ClientHello, and by ranges of addresses', async () => {
    const { port } = await webServer('https');
    const { at, proxy } = await startedProxy({
      ignoreHosts: [String.raw`pinned\.example:\d+$`, String.raw`127\.0\.0\.[2-9]`],
    });
    const to = (host: string): string => `${host}:${String(port)}`;
    expect(await issuer(at, to('127.0.0.1'), 'Pinned.example')).toBe('Test');
    expect(await issuer(at, to('127.0.0.1'), 'other.example')).toBe('pathod');
    // Nobody listens there: what is ignored is connected to first.
    expect(await issuer(at, to('127.0.0.2'), 'other.example')).toBeUndefined();
    expect(proxy.flows().map((flow) => flow.type)).not.toContain('tcp');
  });
});
