import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { certificateFor } from '../../kit/certificates.js';
import { connect } from '../../kit/connect.js';
import { httpsServer } from '../../kit/https-server.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { originServer, startProxy } from './started.js';

const proxyauth = 'joe:hunter2';
/** `joe:hunter2` */
const authorization = 'Basic am9lOmh1bnRlcjI=';
const status = ['-o', '/dev/null', '-w', '%{http_code}'];

describe.skipIf(!hasProgram('curl'))('clients with and without credentials', () => {
  it('are let in and refused by a proxy, which keeps their credentials to itself', async () => {
    const origin = await originServer();
    const { proxy, lines, curl } = await startProxy({ proxyauth });
    const refused = await curl('-i', '-x', proxy.url, origin.url);
    expect(refused.stdout).toMatch(/^HTTP\/1\.1 407 Proxy Authentication Required\r\n/);
    expect(refused.stdout).toContain('Proxy-Authenticate: Basic realm="mitmproxy"\r\n');
    expect((await curl(...status, '-x', proxy.url, '-U', 'joe:guess', origin.url)).stdout).toBe('407');
    expect((await curl(...status, '-x', proxy.url, '-u', proxyauth, origin.url)).stdout).toBe('407');
    expect(origin.requests).toEqual([]);
    expect((await curl('-x', proxy.url, '-U', proxyauth, origin.url)).stdout).toBe('hello');
    expect(origin.requests).toHaveLength(1);
    expect(origin.requests[0]).not.toHaveProperty('proxy-authorization');
    expect(proxy.flows('~c 200').map(({ metadata }) => metadata)).toEqual([{ proxyauth: ['joe', 'hunter2'] }]);
    expect(lines.join('\n')).not.toMatch(/hunter2|guess|am9l/);
  });

  it('are asked once for a tunnel', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const url = `https://127.0.0.1:${String(await httpsServer({ key, cert }))}/`;
    const { proxy, curl } = await startProxy({ proxyauth });
    const refused = await curl('-x', proxy.url, '-U', 'joe:', url);
    expect(refused.stderr).toContain('407');
    const two = await curl('-x', proxy.url, '-U', proxyauth, url, url);
    expect(two).toMatchObject({ stdout: 'hellohello', stderr: '' });
    expect(proxy.flows('~c 407').map(({ metadata }) => metadata)).toEqual([{}]);
    for (const flow of proxy.flows('!~c 407')) expect(flow.metadata).toEqual({ proxyauth: ['joe', 'hunter2'] });
  });

  it('are asked by a reverse proxy as by a server', async () => {
    const origin = await originServer();
    const { proxy, curl } = await startProxy({ proxyauth, mode: `reverse:${origin.url}` });
    const refused = await curl('-i', proxy.url);
    expect(refused.stdout).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(refused.stdout).toContain('WWW-Authenticate: Basic realm="mitmproxy"\r\n');
    expect((await curl('-u', proxyauth, proxy.url)).stdout).toBe('hello');
    expect(origin.requests.map((headers) => headers.authorization)).toEqual([undefined]);
  });

  it('are asked by SOCKS, and not again', async () => {
    const origin = await originServer();
    const { proxy, lines, curl } = await startProxy({ proxyauth, mode: 'socks5' });
    const address = `127.0.0.1:${String(proxy.port)}`;
    expect((await curl('--socks5', `${proxyauth}@${address}`, origin.url, origin.url)).stdout).toBe('hellohello');
    expect((await curl('--socks5', `joe:guess@${address}`, origin.url)).code).toBe(97);
    expect((await curl('--socks5', address, origin.url)).code).toBe(97);
    expect(origin.requests).toHaveLength(2);
    expect(lines.join('\n')).not.toMatch(/hunter2|guess/);
  });

  it('are looked up in an htpasswd file, many at once', async () => {
    const path = join(temporaryDirectory(), 'users');
    writeFileSync(path, `joe:${await hash('hunter2', 4)}\nann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n`);
    const origin = await originServer();
    const { proxy, curl } = await startProxy({ proxyauth: `@${path}` });
    const users = [proxyauth, 'ann:password', proxyauth, 'joe:password', 'nobody:x'];
    const answers = await Promise.all(users.map((user) => curl(...status, '-x', proxy.url, '-U', user, origin.url)));
    expect(answers.map(({ stdout }) => stdout)).toEqual(['200', '200', '200', '407', '407']);
  });
});

it('each request to a proxy on one connection has to give them', async () => {
  const origin = await originServer();
  const { proxy } = await startProxy({ proxyauth });
  const client = await connect(proxy.port);
  const request = (more = ''): string => `GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  client.send(request(`proxy-authorization: ${authorization}\r\n`));
  await client.until('hello');
  client.send(request());
  expect((await client.until('</html>')).toString()).toContain('HTTP/1.1 407 ');
  client.send(request(`Proxy-Authorization: ${authorization}\r\n`));
  await client.until((bytes) => bytes.toString().split('hello').length === 3);
});

it('options that are refused change nothing', async () => {
  await expect(startProxy({ proxyauth: 'hunter2' })).rejects.toThrow(/^proxyauth takes USER:PASSWORD, any, or @FILE/);
  const { proxy } = await startProxy({ proxyauth, mode: 'reverse:http://127.0.0.1:1' });
  const code = async (headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(proxy.url, { headers })).status;
  await expect(proxy.configure({ proxyauth: '@/nowhere' })).rejects.toThrow('cannot read htpasswd file /nowhere');
  expect([await code(), await code({ authorization })]).toEqual([401, 502]);
  await proxy.configure({ proxyauth: 'any' });
  expect([await code(), await code({ authorization: 'Basic eDp5' })]).toEqual([401, 502]);
  await proxy.configure({ proxyauth: undefined });
  expect(await code()).toBe(502);
});
