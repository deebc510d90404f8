import { describe, expect, it } from 'vitest';
import { certificateFor } from '../../kit/certificates.js';
import { httpsServer } from '../../kit/https-server.js';
import { hasProgram } from '../../kit/programs.js';
import { originServer, startProxy } from './started.js';

const credentials = 'joe:hunter2';

describe.skipIf(!hasProgram('curl'))('the option upstream_auth', () => {
  it('gives credentials to the proxy of upstream mode, and to nobody behind it', async () => {
    const origin = await originServer();
    const { key, cert } = (await certificateFor()).tlsOptions;
    const secure = `https://127.0.0.1:${String(await httpsServer({ key, cert }))}/`;
    const upper = await startProxy({ proxyauth: credentials });
    const { proxy, curl } = await startProxy({ mode: `upstream:${upper.proxy.url}`, upstreamAuth: credentials });
    expect((await curl('-x', proxy.url, origin.url)).stdout).toBe('hello');
    expect((await curl('-x', proxy.url, secure)).stdout).toBe('hello');
    expect((await curl('-x', proxy.url, '-p', origin.url)).stdout).toBe('hello');
    expect(origin.requests).toHaveLength(2);
    for (const headers of origin.requests) expect(headers).not.toHaveProperty('proxy-authorization');
    await proxy.configure({ upstreamAuth: 'joe:guess' });
    expect((await curl('-i', '-x', proxy.url, origin.url)).stdout).toMatch(/^HTTP\/1\.1 407 /);
  });

  it('gives them to the server of reverse mode', async () => {
    const origin = await originServer();
    const { proxy, curl } = await startProxy({ mode: `reverse:${origin.url}`, upstreamAuth: 'jöe:' });
    await curl(proxy.url);
    await curl('-u', 'ann:x', proxy.url);
    const given = `Basic ${Buffer.from('jöe:').toString('base64')}`;
    expect(origin.requests.map((headers) => headers.authorization)).toEqual([given, given]);
  });

  it('does nothing in regular mode', async () => {
    const origin = await originServer();
    const { proxy, curl } = await startProxy({ upstreamAuth: credentials });
    expect((await curl('-x', proxy.url, origin.url)).stdout).toBe('hello');
    expect(JSON.stringify(origin.requests)).not.toMatch(/authorization/i);
  });
});

it.each(['', 'hunter2', ':hunter2'])('it refuses %j without showing it', async (upstreamAuth) => {
  await expect(startProxy({ upstreamAuth })).rejects.toThrow(/^upstream_auth takes USER:PASSWORD$/);
});
