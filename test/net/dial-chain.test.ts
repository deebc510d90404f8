import { describe, expect, test } from 'vitest';
import { ConnectionError, OptionError } from '../../src/errors.js';
import { dialChain } from '../../src/net/dial-chain.js';
import type { DialChainOptions } from '../../src/net/dial-chain.js';
import { tlsClientContext } from '../../src/net/tls-dial.js';
import type { TlsHandshakeOptions } from '../../src/net/tls-dial.js';
import { certificateFor } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { socksServer } from '../kit/socks-server.js';

const host = '127.0.0.1';
const tls = (): TlsHandshakeOptions => ({
  context: tlsClientContext({}),
  serverName: 'localhost',
  verifiedName: 'localhost',
  protocols: ['h2', 'http/1.1'],
  verify: false,
});

async function failure(options: DialChainOptions): Promise<ConnectionError> {
  const error: unknown = await dialChain(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error('no ConnectionError', { cause: error });
}

describe('the way to a peer', () => {
  test('TCP alone', async () => {
    const server = await rawServer();
    const { duplex, tls: secured } = await dialChain({ host, port: server.port });
    expect(secured).toBeUndefined();
    duplex.end('hi');
    expect((await (await server.peer()).untilEnd()).toString()).toBe('hi');
    duplex.destroy();
  });

  test('TLS, with the protocol that was agreed on', async () => {
    const port = await httpsServer({ ...(await certificateFor()).tlsOptions, ALPNProtocols: ['http/1.1'] });
    const { duplex, tls: secured } = await dialChain({ host, port, tls: tls() });
    expect(secured?.protocol).toBe('http/1.1');
    duplex.destroy();
  });

  test('TLS through an HTTP proxy behind a SOCKS proxy', async () => {
    const port = await httpsServer((await certificateFor()).tlsOptions);
    // It answers CONNECT and then is the server: the socket goes on to a SOCKS server's redirect.
    const inner = await socksServer({ redirect: port });
    const outer = await socksServer({ credentials: { username: 'a', password: 'b' } });
    const socks = { host, port: outer.port, credentials: { username: 'a', password: 'b' } };
    const first = await dialChain({ host, port: inner.port, socks });
    first.duplex.destroy();
    expect(outer.requests).toEqual([{ host, port: inner.port }]);
    const { duplex } = await dialChain({ host: 'any.invalid', port: 1, socks: { host, port: inner.port }, tls: tls() });
    duplex.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [chunk] = await Promise.all([new Promise<Buffer>((resolve) => duplex.once('data', resolve))]);
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    duplex.destroy();
  });

  test('bytes behind a proxy handshake are the first of the connection', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 200 Yes\r\n\r\nwelcome').end());
    });
    const { duplex } = await dialChain({ host, port: server.port, connectTo: { host: 'a.invalid', port: 1 } });
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('welcome');
    duplex.destroy();
  });
});

describe('when a layer fails', () => {
  const target = { host: 'a.invalid', port: 1 };

  test('the error names the phase and the address', async () => {
    const { port, peers } = await rawServer((peer) => peer.send('nonsense\r\n\r\n'));
    const address = `${host}:${String(port)}`;
    expect(await failure({ ...target, socks: { host, port } })).toMatchObject({ phase: 'proxy', address });
    expect(await failure({ host, port, connectTo: target })).toMatchObject({ phase: 'proxy', address });
    expect(await failure({ host, port, tls: tls() })).toMatchObject({ phase: 'tls', address });
    for (const peer of peers) await peer.untilEnd().catch(() => peer.closed());
  });

  test.each<[string, (port: number) => DialChainOptions]>([
    ['SOCKS', (port) => ({ ...target, socks: { host, port } })],
    ['CONNECT', (port) => ({ host, port, connectTo: target })],
    ['TLS', (port) => ({ host, port, tls: tls() })],
  ])('%s is given up after the timeout and by the signal, and leaves nothing', async (_, options) => {
    const server = await rawServer();
    const clock = new ManualClock();
    const late = failure({ ...options(server.port), timeout: 1000, clock });
    await (await server.peer()).until(1);
    clock.advance(1000);
    expect((await late).cause).toMatchObject({ code: 'ETIMEDOUT' });
    expect(clock.waiting).toEqual([]);
    await (await server.peer()).untilEnd();

    const controller = new AbortController();
    const aborted = failure({ ...options(server.port), signal: controller.signal });
    await (await server.peer(1)).until(1);
    controller.abort();
    expect((await aborted).cause).toMatchObject({ code: 'ABORT_ERR' });
    await (await server.peer(1)).untilEnd();

    const unlimited = failure({ ...options(server.port), clock });
    await (await server.peer(2)).until(1);
    expect(clock.waiting).toEqual([10_000]);
    clock.advance(10_000);
    expect((await unlimited).cause).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('what SOCKS cannot carry is refused before anything is opened', async () => {
    const server = await rawServer();
    const dialling = dialChain({ host: 'a'.repeat(300), port: 1, socks: { host, port: server.port } });
    await expect(dialling).rejects.toThrow(OptionError);
    expect(server.peers).toEqual([]);
  });
});
