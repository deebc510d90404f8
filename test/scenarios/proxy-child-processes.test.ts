// Programs that are started with the environment of the proxy: they use it, and trust it, with nothing else said.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasProgram } from '../kit/programs.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';

const execute = promisify(execFile);

/** Runs a program with the variables of the proxy and those that programs need anyway. */
async function child({ proxy }: StartedProxy, program: string, ...args: readonly string[]): Promise<string> {
  const { PATH, HOME } = process.env;
  const { stdout } = await execute(program, args, { env: { PATH, HOME, ...proxy.env() }, timeout: 50_000 });
  return stdout;
}

const https = `
const https = require('node:https'), http = require('node:http'), tls = require('node:tls');
const target = new URL(process.argv[1]), proxy = new URL(process.env.HTTPS_PROXY);
http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target.host })
  .on('connect', (_, socket) => {
    const secure = tls.connect({ socket, servername: target.hostname });
    https.get(target, { createConnection: () => secure }, (response) => response.pipe(process.stdout));
  }).end();
`;

describe('programs with the environment of a proxy', () => {
  test.skipIf(!hasProgram('curl'))('curl: http and https', async () => {
    const [plain, secure] = [await webServer(), await webServer('h2')];
    const started = await startedProxy();
    expect(await child(started, 'curl', '-sS', `http://localhost:${String(plain.port)}/a`)).toContain('GET /a');
    expect(await child(started, 'curl', '-sS', `https://localhost:${String(secure.port)}/b`)).toContain('GET /b');
    expect(started.proxy.flows('~c 200 & ~u /(a|b)$')).toHaveLength(2);
  });

  test('node: https trusts the certificates', async () => {
    const { port } = await webServer('https');
    const started = await startedProxy();
    const url = `https://localhost:${String(port)}/c`;
    expect(await child(started, process.execPath, '-e', https, url)).toBe(
      `HTTP/1.1 GET /c localhost:${String(port)} 0`,
    );
    expect(started.proxy.flows('~u /c')).toHaveLength(1);
  });

  test.each([
    ['axios', "const { default: axios } = await import('axios'); const text = (await axios.get(url)).data"],
    [
      'fetch, by the agent of undici',
      `const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici');
       setGlobalDispatcher(new EnvHttpProxyAgent());
       const text = await (await fetch(url)).text()`,
    ],
  ])('node: %s', async (_, program) => {
    const [plain, secure] = [await webServer(), await webServer('https')];
    const started = await startedProxy();
    const script = `const url = process.argv[1]; ${program}; console.log(text)`;
    for (const url of [`http://localhost:${String(plain.port)}/f`, `https://localhost:${String(secure.port)}/f`]) {
      const said = await child(started, process.execPath, '--input-type=module', '-e', script, url);
      expect(said).toContain('GET /f');
    }
    expect(started.proxy.flows('~u /f')).toHaveLength(2);
  });

  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const readsEnvironment = major > 22 || (major === 22 && minor >= 21);
  test.skipIf(!readsEnvironment)('node: fetch, where Node.js reads the environment', async () => {
    const { port } = await webServer('https');
    const started = await startedProxy();
    const script = 'console.log(await (await fetch(process.argv[1])).text())';
    const url = `https://localhost:${String(port)}/g`;
    expect(await child(started, process.execPath, '--input-type=module', '-e', script, url)).toContain('GET /g');
    expect(started.proxy.flows('~u /g')).toHaveLength(1);
  });

  const python = hasProgram('python3');
  test.skipIf(!python)('python: urllib', async () => {
    const { port } = await webServer('https');
    const started = await startedProxy();
    const script = 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())';
    expect(await child(started, 'python3', '-c', script, `https://localhost:${String(port)}/d`)).toContain('GET /d');
    expect(started.proxy.flows('~u /d')).toHaveLength(1);
  });

  test.skipIf(!python)('python: requests', async ({ skip }) => {
    const { port } = await webServer('https');
    const started = await startedProxy();
    const there = await child(started, 'python3', '-c', 'import requests').then(
      () => true,
      () => false,
    );
    if (!there) skip('requests is not installed');
    const script = 'import sys, requests; print(requests.post(sys.argv[1], data="x").text)';
    expect(await child(started, 'python3', '-c', script, `https://localhost:${String(port)}/e`)).toContain('POST /e');
    expect(started.proxy.flows('~u /e')).toHaveLength(1);
  });

  test.skipIf(!hasProgram('git'))('git: a clone over https', async () => {
    const directory = temporaryDirectory();
    const [work, bare, copy] = ['work', 'bare', 'copy'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(work);
    const git = (...args: readonly string[]): Promise<unknown> => execute('git', args, { cwd: work });
    writeFileSync(join(work, 'file'), 'in a repository');
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example'];
    await git('init', '-q');
    await git('add', '.');
    await git(...author, 'commit', '-q', '-m', 'one');
    await git('clone', '-q', '--bare', work, bare);
    await execute('git', ['update-server-info'], { cwd: bare });
    const { readFile } = await import('node:fs/promises');
    const { port } = await webServer('https', (request, response) => {
      const path = join(bare, new URL(request.url ?? '', 'http://x').pathname.replace('/repository', ''));
      readFile(path).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    });
    const started = await startedProxy();
    await child(started, 'git', 'clone', '-q', `https://localhost:${String(port)}/repository`, copy);
    expect(existsSync(join(copy, 'file'))).toBe(true);
    expect(started.proxy.flows('~u /repository/HEAD & ~c 200')).toHaveLength(1);
  });

  test('in reverse mode there is trust alone, and a proxy with a directory names the file in it', async () => {
    const confdir = temporaryDirectory();
    const { proxy } = await startedProxy({ mode: 'reverse:http://localhost:1', confdir });
    const variables = proxy.env();
    expect(variables['HTTP_PROXY']).toBeUndefined();
    expect(variables['NODE_EXTRA_CA_CERTS']).toBe(join(confdir, 'mitmproxy-ca-cert.pem'));
    const { proxy: other } = await startedProxy();
    const file = other.env()['SSL_CERT_FILE'] ?? '';
    expect(existsSync(file)).toBe(true);
    await other.stop();
    expect(existsSync(file)).toBe(false);
  });
});
