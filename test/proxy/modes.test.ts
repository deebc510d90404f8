import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dialChain } from '../../src/net/dial-chain.js';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import { certificateFor } from '../kit/certificates.js';
import { startDaemon } from '../kit/daemon.js';
import { httpsServer } from '../kit/https-server.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { run } from '../kit/run.js';
import type { Ran } from '../kit/run.js';
import { socksServer } from '../kit/socks-server.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

interface Started {
  readonly proxy: Proxy;
  readonly lines: readonly string[];
  /** The port of each mode. */
  readonly ports: readonly number[];
  readonly curl: (...args: readonly string[]) => Promise<Ran>;
}

/** A proxy until the test is over, and curl that trusts it. */
async function started(options: ProxyOptions): Promise<Started> {
  const lines: string[] = [];
  const proxy = await Proxy.start(
    { sslInsecure: true, listenHost: '127.0.0.1', ...options },
    { log: ({ message }) => lines.push(message) },
  );
  onTestFinished(() => proxy.stop());
  const authority = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(authority, proxy.ca);
  return {
    ...{ proxy, lines },
    ports: proxy.addresses.map(({ port }) => port),
    curl: (...args) => run('curl', ['-s', '-S', '-m', '50', '--noproxy', '', '--cacert', authority, ...args]),
  };
}

async function httpServer(): Promise<number> {
  const server = createServer((request, response) => response.end(`hello ${request.headers.host ?? ''}`));
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // It listens on TCP.
  return (server.address() as AddressInfo).port;
}

async function secureServer(): Promise<number> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  return httpsServer({ key, cert });
}

const hasCurl = hasProgram('curl');

describe.skipIf(!hasCurl)('socks5', () => {
  test.each(['eager', 'lazy'])(
    'curl reaches servers of HTTP and HTTPS by name and by address, %s',
    async (strategy) => {
      const { proxy, ports, curl } = await started({
        mode: 'socks5',
        connectionStrategy: strategy as 'eager' | 'lazy',
      });
      const socks = `127.0.0.1:${String(ports[0])}`;
      const [plain, secure] = [String(await httpServer()), String(await secureServer())];
      expect(proxy.url).toBe(`socks5://${socks}`);
      for (const how of ['--socks5', '--socks5-hostname']) {
        const name = await curl(how, socks, '-4', `http://localhost:${plain}/`);
        expect(name).toMatchObject({ stdout: `hello localhost:${plain}`, stderr: '' });
        expect(await curl(how, socks, '-4', `https://localhost:${secure}/`)).toMatchObject({
          stdout: 'hello',
          stderr: '',
        });
      }
      expect(await curl('-x', `socks5h://${socks}`, `https://127.0.0.1:${secure}/`)).toMatchObject({ stdout: 'hello' });
      expect(proxy.flows()).toHaveLength(5);
    },
  );

  test('a server that is not there is told by the reply, or in lazy mode by a page', async () => {
    const server = await rawServer();
    await server.close();
    const url = `http://127.0.0.1:${String(server.port)}/`;
    const eager = await started({ mode: 'socks5' });
    const refused = await eager.curl('--socks5', `127.0.0.1:${String(eager.ports[0])}`, url);
    expect(refused).toMatchObject({ code: 97, stdout: '' });
    expect(refused.stderr).toContain('(5)');
    const lazy = await started({ mode: 'socks5', connectionStrategy: 'lazy' });
    const page = await lazy.curl('--socks5', `127.0.0.1:${String(lazy.ports[0])}`, '-i', url);
    expect(page.stdout).toMatch(/^HTTP\/1\.1 502 /);
    expect(page.stdout).toContain('connection refused');
  });

  test('credentials are judged', async () => {
    const { ports, curl, lines } = await started({ mode: 'socks5', proxyauth: 'me:secret' });
    const socks = `127.0.0.1:${String(ports[0])}`;
    const url = `http://127.0.0.1:${String(await httpServer())}/`;
    expect((await curl('--socks5', socks, '--proxy-user', 'me:secret', url)).stdout).toContain('hello');
    expect((await curl('--socks5', socks, '--proxy-user', 'me:wrong', url)).code).toBe(97);
    expect((await curl('--socks5', socks, url)).code).toBe(97);
    expect(lines.join('\n')).toContain('SOCKS user "me" is not let in');
  });

  test('a protocol that nobody knows passes, whoever speaks first', async () => {
    const server = await rawServer((peer) => peer.send('welcome'));
    const { ports } = await started({ mode: 'socks5' });
    const { duplex } = await dialChain({
      ...{ host: '127.0.0.1', port: server.port },
      socks: { host: '127.0.0.1', port: ports[0] ?? 0 },
    });
    const [first] = (await once(duplex.resume(), 'data')) as [Buffer];
    expect(first.toString()).toBe('welcome');
    duplex.write('\x01\x02thanks');
    await (await server.peer()).until('thanks');
    duplex.destroy();
  });
});

describe.skipIf(!hasCurl)('upstream', () => {
  test.skipIf(!hasProgram('mitmdump')).each(['eager', 'lazy'])(
    'a real mitmdump that wants a password, %s',
    { timeout: 60_000 },
    async (strategy) => {
      const port = await mitmdump(temporaryDirectory(), '--proxyauth', 'me:secret');
      const [plain, secure] = [String(await httpServer()), String(await secureServer())];
      const mode = `upstream:http://127.0.0.1:${String(port)}`;
      const { proxy, ports, curl } = await started({
        mode,
        upstreamAuth: 'me:secret',
        connectionStrategy: strategy as 'eager' | 'lazy',
      });
      const through = ['-x', `http://127.0.0.1:${String(ports[0])}`];
      const name = `localhost:${plain}`;
      expect(await curl(...through, `http://${name}/`)).toMatchObject({ stdout: `hello ${name}`, stderr: '' });
      expect(await curl(...through, `https://localhost:${secure}/`)).toMatchObject({ stdout: 'hello', stderr: '' });
      expect(await curl(...through, '-p', `http://${name}/`)).toMatchObject({ stdout: `hello ${name}`, stderr: '' });
      const vias = proxy.flows('~http').map(({ serverConn }) => serverConn.via);
      expect(vias.at(-1)).toEqual(['http', ['127.0.0.1', port]]);
    },
  );

  test.skipIf(!hasProgram('mitmdump'))('a refusal of the proxy reaches the client', { timeout: 60_000 }, async () => {
    const port = await mitmdump(temporaryDirectory(), '--proxyauth', 'me:secret');
    const { ports, curl, lines } = await started({ mode: `upstream:http://127.0.0.1:${String(port)}` });
    const through = ['-x', `http://127.0.0.1:${String(ports[0])}`, '-i'];
    expect((await curl(...through, 'http://localhost:1/')).stdout).toMatch(/^HTTP\/1\.1 407 /);
    expect((await curl(...through, 'https://localhost:1/')).stdout).toMatch(/^HTTP\/1\.1 502 /);
    expect(lines.join('\n')).toContain('did not connect to localhost:1: 407 Proxy Authentication Required');
  });

  test('pathod answers in the place of every server', async () => {
    const daemon = await startDaemon();
    const { ports, curl } = await started({ mode: `upstream:http://127.0.0.1:${String(daemon.port)}` });
    const through = ['-x', `http://127.0.0.1:${String(ports[0])}`];
    const spec = "/p/200:b'crafted'";
    expect(await curl(...through, '-g', `http://server.test${spec}`)).toMatchObject({ stdout: 'crafted' });
    expect(await curl(...through, '-g', '-k', `https://server.test${spec}`)).toMatchObject({ stdout: 'crafted' });
  });

  test('a proxy that is not there is named', async () => {
    const server = await rawServer();
    await server.close();
    const { ports, curl } = await started({ mode: `upstream:http://127.0.0.1:${String(server.port)}` });
    const page = await curl('-x', `http://127.0.0.1:${String(ports[0])}`, 'http://server.test/');
    expect(page.stdout).toContain(`cannot connect to 127.0.0.1:${String(server.port)}: connection refused`);
  });
});

describe.skipIf(!hasCurl)('modes together', () => {
  test('each has its port, and none connects to another', async () => {
    const plain = String(await httpServer());
    const { proxy, ports, curl } = await started({ mode: ['regular', 'socks5', `reverse:http://127.0.0.1:${plain}`] });
    const [regular, socks, reverse] = ports.map((port) => `127.0.0.1:${String(port)}`) as [string, string, string];
    expect((await curl('-x', `http://${regular}`, `http://127.0.0.1:${plain}/`)).stdout).toContain('hello');
    expect((await curl('--socks5', socks, `http://127.0.0.1:${plain}/`)).stdout).toContain('hello');
    expect((await curl(`http://${reverse}/`)).stdout).toContain('hello');
    expect(proxy.flows().map(({ clientConn }) => clientConn.proxyMode)).toEqual([
      ...['regular', 'socks5', `reverse:http://127.0.0.1:${plain}`],
    ]);
    for (const host of [regular, reverse, `localhost:${String(ports[0])}`]) {
      const page = await curl('-i', '-x', `http://${regular}`, `http://${host}/`);
      expect(page.stdout).toMatch(/^HTTP\/1\.1 502 /);
      expect(page.stdout).toContain('the proxy does not connect to itself');
    }
    // As a server, by a client that knows nothing of a proxy.
    expect((await curl('-i', `http://${regular}/`)).stdout).toMatch(/^HTTP\/1\.1 [45]\d\d /);
  });

  test('a proxy of SOCKS lies in front of another proxy', async () => {
    const plain = String(await httpServer());
    const { ports, curl } = await started({ mode: 'regular' });
    const socks = await socksServer();
    const through = ['--preproxy', `socks5h://127.0.0.1:${String(socks.port)}`];
    const page = await curl(...through, '-x', `http://127.0.0.1:${String(ports[0])}`, `http://localhost:${plain}/`);
    expect(page.stdout).toContain('hello');
    expect(socks.requests).toHaveLength(1);
  });
});
