// docs/features/reverse-proxy.md
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest } from '../../kit/web-server.js';

/** Says over which protocol it was asked for what, and as which host. */
const answer: OnRequest = (request, response) => {
  const { headers, url = '', httpVersion, socket } = request;
  if (url === '/moved') response.setHeader('Location', `https://${String(headers[':authority'] ?? headers.host)}/new`);
  const host = headers[':authority'] ?? headers.host;
  response.end(`${'encrypted' in socket ? 'https' : 'http'}/${httpVersion} ${url} ${String(host)}`);
};

describe.skipIf(!hasProgram('curl'))('reverse proxy', { timeout: 60_000 }, () => {
  test('takes plain text and TLS, and gives the server what it expects', async () => {
    const [plain, secure] = await Promise.all([webServer('http', answer), webServer('h2', answer)]);
    const [http, https] = [`http://localhost:${String(plain.port)}`, `https://localhost:${String(secure.port)}`];
    const programs = await Promise.all([
      ...[http, https].map((url) => dumpProcess('-R', url)),
      ...[http, https].map((url) => dumpProcess('--mode', `reverse:${url}`)),
      // The schemes of 1.0 that named both sides.
      dumpProcess('-R', https.replace('https:', 'https2https:')),
    ]);
    for (const [i, program] of programs.entries()) {
      const isPlain = i % 2 === 0 && i < 4;
      const asked = await program.curl(`http://${program.at}/a`, `https://${program.at}/b`);
      const { port } = isPlain ? plain : secure;
      expect(asked).toMatchObject({
        code: 0,
        stdout: isPlain
          ? `http/1.1 /a localhost:${String(port)}http/1.1 /b localhost:${String(port)}`
          : `https/1.1 /a localhost:${String(port)}https/2.0 /b localhost:${String(port)}`,
      });
      // What the server says of itself is not changed.
      const moved = await program.curl('-i', `http://${program.at}/moved`);
      expect(moved.stdout).toMatch(new RegExp(`location: https://localhost:${String(port)}/new`, 'i'));
    }
    expect(programs.map(({ err }) => err === '')).toEqual([false, false, true, true, false]);
    expect(programs[4]?.err).toContain('--mode reverse:');
  });

  test('names the host that it is told to', async () => {
    const { port } = await webServer('http', answer);
    const url = `http://127.0.0.1:${String(port)}`;
    const [old, today, kept] = await Promise.all([
      dumpProcess('-R', url, '--setheader', ':~q:Host:example.com'),
      dumpProcess('--mode', `reverse:${url}`, '--modify-headers', ':~q:Host:example.com'),
      dumpProcess('--mode', `reverse:${url}`, '--keep-host-header'),
    ]);
    for (const program of [old, today]) {
      expect((await program.curl(`${program.url}/`)).stdout).toBe('http/1.1 / example.com');
    }
    expect((await kept.curl('-H', 'Host: shop.test', `${kept.url}/`)).stdout).toBe('http/1.1 / shop.test');
  });

  test('leads paths to other servers by map_remote, and refuses a path of its own', async () => {
    const [site, api] = await Promise.all([webServer('http', answer), webServer('http', answer)]);
    const [from, to] = [site, api].map(({ port }) => `http://127.0.0.1:${String(port)}`) as [string, string];
    const program = await dumpProcess('--mode', `reverse:${from}`, '-M', `|${from}/api/|${to}/v2/`);
    const asked = await program.curl(`${program.url}/page`, `${program.url}/api/users?all`);
    // As with the ancestor, the Host that is named then has no port.
    expect(asked.stdout).toBe(`http/1.1 /page 127.0.0.1:${String(site.port)}http/1.1 /v2/users?all 127.0.0.1`);
    const refused = await runMitmdump(['-R', 'http://127.0.0.1:1/path']);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('a server has no path here: requests keep their own');
  });
});
