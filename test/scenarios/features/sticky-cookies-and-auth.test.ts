// docs/features/sticky-cookies-and-auth.md
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest, WebProtocol } from '../../kit/web-server.js';

/** Sets a cookie for who logs in, and lets in who has it. Knows one user of Basic authentication, too. */
const service: OnRequest = ({ url = '', headers }, response) => {
  if (url === '/login') response.setHeader('Set-Cookie', ['session=one; Path=/; HttpOnly', 'theme=dark; Path=/app']);
  if (url === '/logout') response.setHeader('Set-Cookie', 'session=; Path=/; Max-Age=0');
  if (url === '/renew')
    response.setHeader('Set-Cookie', 'session=three; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/');
  response.end(`cookie ${String(headers.cookie)} auth ${String(headers.authorization)}\n`);
};

/** The URL of the service over a protocol. */
async function served(protocol: WebProtocol = 'http', host = 'localhost'): Promise<string> {
  return `${protocol}://${host}:${String((await webServer(protocol, service)).port)}`;
}

const [joe, ann] = ['joe:hunter2', 'ann:secret'].map((user) => `Basic ${Buffer.from(user).toString('base64')}`);

describe.skipIf(!hasProgram('curl'))('sticky cookies and credentials', { timeout: 60_000 }, () => {
  test('are given to clients that keep none', async () => {
    const [url, secure] = await Promise.all([served(), served('https', '127.0.0.1')]);
    const [old, today] = await Promise.all([
      dumpProcess('-t', '.', '-u', '~u /app|/one'),
      dumpProcess('--stickycookie', '.', '--stickyauth', '~u /app|/one'),
    ]);
    for (const { through } of [old, today]) {
      for (const base of [url, secure]) {
        const get = async (path: string, ...args: string[]): Promise<string> =>
          (await through(...args, `${base}${path}`)).stdout;
        expect(await get('/one')).toBe('cookie undefined auth undefined\n');
        expect(await get('/login', '-u', 'joe:hunter2')).toBe(`cookie undefined auth ${String(joe)}\n`);
        expect(await get('/one')).toBe(`cookie session=one auth ${String(joe)}\n`);
        // The path of a cookie counts, and the filter.
        expect(await get('/app')).toBe(`cookie session=one; theme=dark auth ${String(joe)}\n`);
        expect(await get('/two')).toBe('cookie session=one auth undefined\n');
        await get('/renew');
        // The newest of both counts.
        expect(await get('/one', '-u', 'ann:secret')).toBe(`cookie session=three auth ${String(ann)}\n`);
        expect(await get('/one')).toBe(`cookie session=three auth ${String(ann)}\n`);
        await get('/logout');
        expect(await get('/one')).toBe(`cookie undefined auth ${String(ann)}\n`);
      }
    }
    expect((await old.stop()).err).toBe(
      'mitmdump: -t is a flag of mitmproxy 1.0: today it is --stickycookie FILTER\n' +
        'mitmdump: -u is a flag of mitmproxy 1.0: today it is --stickyauth FILTER\n',
    );
  });

  test('are given in reverse mode, to bodies that pass as they arrive, and to other clients', async () => {
    const { proxy } = await startedProxy({
      mode: `reverse:${await served()}`,
      streamLargeBodies: '1k',
      addonOptions: { stickycookie: '~all', stickyauth: '~all' },
    });
    const get = async (path: string, init: RequestInit = {}): Promise<string> =>
      (await fetch(`${proxy.url}${path}`, init)).text();
    await get('/login', { headers: { Authorization: String(joe) } });
    const known = `cookie session=one auth ${String(joe)}\n`;
    expect(await get('/')).toBe(known);
    expect(await get('/', { method: 'POST', body: 'x'.repeat(3000) })).toBe(known);
    expect(proxy.flows('~meta stickycookie')).toHaveLength(2);
    // A cookie of the client's own is replaced, credentials of its own are not.
    const own = { headers: { Cookie: 'own=1', Authorization: String(ann) } };
    expect(await get('/', own)).toBe(`cookie session=one auth ${String(ann)}\n`);
  });

  test('keep to the host, the port and the domain that they are for', async () => {
    const set = ['host=1', 'domain=2; Domain=.b.test', 'bare=3; Domain=b.test', 'foreign=4; Domain=.other.test'];
    const { port } = await webServer('http', ({ url, headers }, response) => {
      if (url === '/set') response.setHeader('Set-Cookie', set);
      response.end(String(headers.cookie));
    });
    const other = await webServer('http', ({ headers }, response) => response.end(String(headers.cookie)));
    const { through } = await startedProxy({
      addonOptions: { stickycookie: '.' },
      addons: [
        {
          // These names are nobody's.
          name: 'resolve',
          serverConnect: ({ server }) => {
            if (server.address !== undefined) server.address = ['127.0.0.1', server.address[1]];
          },
        },
      ],
    });
    const get = async (host: string, path: string, at = port): Promise<string> =>
      (await through(`http://${host}:${String(at)}${path}`)).stdout;
    await get('www.b.test', '/set');
    expect(await get('www.b.test', '/')).toBe('host=1; domain=2');
    expect(await get('api.b.test', '/')).toBe('domain=2');
    expect(await get('b.test', '/')).toBe('domain=2');
    expect(await get('xb.test', '/')).toBe('undefined');
    expect(await get('www.b.test', '/', other.port)).toBe('undefined');
  });

  test('come from a recording of the login, by client replay', async () => {
    const url = await served();
    const file = join(temporaryDirectory(), 'login');
    const recorder = await startedProxy({ addonOptions: { saveStreamFile: file } });
    await recorder.through('-u', 'joe:hunter2', `${url}/login`);
    await recorder.proxy.stop();
    const program = await dumpProcess('-c', file, '--keepserving', '-t', '.', '-u', '.');
    await program.until(/GET \S+login\n.*<< 200 OK/);
    expect((await program.through(`${url}/`)).stdout).toBe(`cookie session=one auth ${String(joe)}\n`);
  });

  test('of filters that are not valid are told', async () => {
    const run = (...argv: readonly string[]): Promise<{ err: string }> =>
      runMitmdump(['--confdir', temporaryDirectory(), '-n', ...argv]);
    expect((await run('-t', '~zz')).err).toMatch(/\nmitmdump: stickycookie: .*there is no operator ~zz\n~zz\n\^\n$/);
    expect((await run('--stickyauth', '(')).err).toMatch(/^mitmdump: stickyauth: /);
  });
});
