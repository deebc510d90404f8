import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError } from '../../src/errors.js';
import { ServerConnection } from '../../src/proxy/flow/connection.js';
import type { Address, Via } from '../../src/proxy/flow/connection.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import type { ProxyContext } from '../../src/proxy/context.js';
import { openProxyTls } from '../../src/proxy/tls-interception.js';
import type { ProxyTls } from '../../src/proxy/proxy-tls.js';
import { httpsServer } from '../kit/https-server.js';
import { closeLink } from '../../src/proxy/close-link.js';
import { createServerDialler } from '../../src/proxy/server-dialler.js';
import type { Destination } from '../../src/proxy/server-link.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { ManualClock } from '../kit/manual-clock.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { startDaemon } from '../kit/daemon.js';
import { clientContext } from './client-context.js';
import type { ContextSettings } from './client-context.js';

/** The hooks in the order in which they were called. */
class Recorder {
  readonly calls: string[] = [];
  serverConnect = this.recorder('serverConnect');
  serverConnected = this.recorder('serverConnected');
  serverConnectError = this.recorder('serverConnectError');
  serverDisconnected = this.recorder('serverDisconnected');

  private recorder(name: string): () => void {
    return () => {
      this.calls.push(name);
    };
  }
}

function to(port: number, rest: Partial<Destination> = {}): Destination {
  return { address: ['127.0.0.1', port], tls: false, sni: undefined, via: undefined, ...rest };
}

function throughProxy(port: number, scheme = 'http', target: Address = ['example.com', 443]): Destination {
  return to(0, { address: target, via: [scheme, ['127.0.0.1', port]] });
}

async function failure(attempt: Promise<unknown>): Promise<ConnectionError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error('no ConnectionError', { cause: error });
}

/** TLS that trusts the authority of the tests. */
function trusting(): Pick<ContextSettings, 'options' | 'tls'> & { tls: (proxy: ProxyContext) => Promise<ProxyTls> } {
  return {
    options: { sslVerifyUpstreamTrustedCa: fileOf(authorityPem) },
    tls: (proxy) => openProxyTls(proxy, {}),
  };
}

/** A proxy that answers a request with a head, and then sends what it gets back. */
async function answering(head: string): ReturnType<typeof rawServer> {
  return rawServer((peer) => {
    void peer.until('\r\n\r\n').then(
      () => peer.send(head),
      () => undefined,
    );
  });
}

describe('a connection to a server', () => {
  test('has its facts, and its hooks in order', async () => {
    const server = await rawServer();
    const recorder = new Recorder();
    const context = clientContext({ addons: [recorder] });
    const link = await createServerDialler(context).connect(to(server.port), true);
    const { connection } = link;
    expect(link.destination).toEqual(to(server.port));
    expect(connection).toMatchObject({
      address: ['127.0.0.1', server.port],
      peername: ['127.0.0.1', server.port],
      ...{ state: 3, via: undefined, error: undefined, tls: false, timestampEnd: undefined },
    });
    expect(connection.sockname?.[0]).toBe('127.0.0.1');
    expect(connection.timestampTcpSetup).toBeGreaterThanOrEqual(connection.timestampStart ?? Infinity);
    link.duplex.write('hi');
    await (await server.peer()).until('hi');
    closeLink(context, link);
    closeLink(context, link);
    await (await server.peer()).untilEnd();
    expect(connection).toMatchObject({ state: 0, timestampEnd: expect.any(Number) as number });
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnected', 'serverDisconnected']);
    expect(context.lines).toEqual([`info: 127.0.0.1:50000: server connect 127.0.0.1:${String(server.port)}`]);
  });

  test('by name is told with the address that the name led to', async () => {
    const server = await rawServer();
    const context = clientContext();
    const port = String(server.port);
    const link = await createServerDialler(context).connect(
      to(server.port, { address: ['localhost', server.port] }),
      true,
    );
    expect(context.lines).toEqual([`info: 127.0.0.1:50000: server connect localhost:${port} (127.0.0.1:${port})`]);
    closeLink(context, link);
    await (await server.peer()).untilEnd();
  });

  test('that fails is told by one hook', async () => {
    const server = await rawServer();
    await server.close();
    const recorder = new Recorder();
    const seen: ServerConnection[] = [];
    const addon: Addon = { serverConnectError: ({ server: connection }) => seen.push(connection) };
    const dialler = createServerDialler(clientContext({ addons: [recorder, addon] }));
    const error = await failure(dialler.connect(to(server.port), true));
    expect(error.message).toBe(`cannot connect to 127.0.0.1:${String(server.port)}: connection refused`);
    expect(seen).toMatchObject([{ error: error.message, state: 0 }]);
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnectError']);
  });

  test('goes where an addon leads it', async () => {
    const server = await rawServer();
    const addon: Addon = {
      async serverConnect({ server: connection }) {
        await Promise.resolve();
        connection.address = ['localhost', server.port];
      },
    };
    const dialler = createServerDialler(clientContext({ addons: [addon] }));
    const asked = to(80, { address: ['elsewhere.invalid', 80] });
    const { connection, destination, duplex } = await dialler.connect(asked, true);
    expect(connection.address).toEqual(['localhost', server.port]);
    expect(destination).toEqual(asked);
    duplex.destroy();
  });

  test('is refused by an addon', async () => {
    const server = await rawServer();
    const recorder = new Recorder();
    const addon: Addon = {
      serverConnect({ server: connection }) {
        connection.error = 'not today';
      },
    };
    const dialler = createServerDialler(clientContext({ addons: [recorder, addon] }));
    const error = await failure(dialler.connect(to(server.port), true));
    expect(error.message).toBe(`connection to 127.0.0.1:${String(server.port)} refused: not today`);
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnectError']);
    expect(server.peers).toEqual([]);
  });

  test.each(['a\r\nX: y', '', 'a b', '127.0.0.1\0.example.com'])('is not made to the host %j', async (host) => {
    const dialler = createServerDialler(clientContext());
    const error = await failure(dialler.connect(to(80, { address: [host, 80] }), true));
    expect(error.message).toBe(`${JSON.stringify(host)} cannot be a host`);
  });

  test.each(['127.0.0.1', 'localhost', '0.0.0.0'])('is not made to the proxy itself, by %s', async (host) => {
    const server = await rawServer();
    const own: Address[] = [['127.0.0.1', server.port]];
    const dialler = createServerDialler(clientContext(), () => own);
    const error = await failure(dialler.connect(to(0, { address: [host, server.port] }), true));
    expect(error.message).toBe(`the proxy does not connect to itself, which ${host}:${String(server.port)} is`);
    const via = await failure(dialler.connect(throughProxy(server.port), true));
    expect(via.message).toContain('the proxy does not connect to itself');
    expect(server.peers).toEqual([]);
  });

  test('comes from the address that an option names', async () => {
    const server = await rawServer();
    const dialler = createServerDialler(clientContext({ options: { connectAddr: '127.0.0.7' } }));
    const { connection, duplex } = await dialler.connect(to(server.port), true);
    expect(connection.sockname?.[0]).toBe('127.0.0.7');
    duplex.destroy();
    const foreign = createServerDialler(clientContext({ options: { connectAddr: '192.0.2.1' } }));
    const error = await failure(foreign.connect(to(server.port), true));
    expect(error.message).toContain('192.0.2.1 is not an address of this machine');
    expect(() => clientContext({ options: { connectAddr: 'here' } })).toThrow(
      'connect_addr takes an IP address of this machine, not "here"',
    );
  });

  test('is given up when its signal aborts, or the proxy stops', async () => {
    const over = new AbortController();
    const dialler = createServerDialler(clientContext());
    const attempt = failure(dialler.connect(to(9, { address: ['192.0.2.1', 9] }), true, over.signal));
    over.abort();
    expect((await attempt).message).toMatch(/given up|unreachable/);
  });
});

describe('a connection through an HTTP proxy', () => {
  test('is asked for by CONNECT, and what follows is the server', async () => {
    const proxy = await answering('HTTP/1.1 200 Connection established\r\nX: y\r\n\r\nhello');
    const recorder = new Recorder();
    const dialler = createServerDialler(clientContext({ addons: [recorder] }));
    const { connection, duplex } = await dialler.connect(throughProxy(proxy.port), true);
    expect(connection).toMatchObject({
      address: ['example.com', 443],
      via: ['http', ['127.0.0.1', proxy.port]] satisfies Via,
      peername: ['127.0.0.1', proxy.port],
    });
    const [first] = (await once(duplex.resume(), 'data')) as [Buffer];
    expect(first.toString()).toBe('hello');
    expect((await proxy.peer()).text).toBe('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnected']);
    duplex.destroy();
  });

  test('has no Host field when an option says so, brackets around IPv6, and names in ASCII', async () => {
    const proxy = await answering('HTTP/1.1 200 OK\r\n\r\n');
    const context = clientContext({ options: { httpConnectSendHostHeader: false } });
    const dialler = createServerDialler(context);
    const links = [
      await dialler.connect(throughProxy(proxy.port, 'http', ['::1', 443]), true),
      await dialler.connect(throughProxy(proxy.port, 'http', ['m\u00fcller.example', 80]), true),
    ];
    expect((await proxy.peer(0)).text).toBe('CONNECT [::1]:443 HTTP/1.1\r\n\r\n');
    expect((await proxy.peer(1)).text).toBe('CONNECT xn--mller-kva.example:80 HTTP/1.1\r\n\r\n');
    for (const link of links) closeLink(context, link);
  });

  test('asks as an addon changed the request', async () => {
    const proxy = await answering('HTTP/1.1 200 OK\r\n\r\n');
    const addon: Addon = {
      async httpConnectUpstream(flow) {
        await Promise.resolve();
        flow.request.headers.set('Proxy-Authorization', 'Basic eDp5');
        expect(flow).toMatchObject({ live: true, request: { host: 'example.com', port: 443, scheme: '' } });
      },
    };
    const { duplex } = await createServerDialler(clientContext({ addons: [addon] })).connect(
      throughProxy(proxy.port),
      true,
    );
    expect((await proxy.peer()).text).toBe(
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n',
    );
    duplex.destroy();
  });

  test('is not made when an addon kills the request', async () => {
    const proxy = await answering('HTTP/1.1 200 OK\r\n\r\n');
    const addon: Addon = {
      httpConnectUpstream(flow) {
        flow.kill();
      },
    };
    const dialler = createServerDialler(clientContext({ addons: [addon] }));
    const error = await failure(dialler.connect(throughProxy(proxy.port), true));
    expect(error.message).toBe(`the connection through 127.0.0.1:${String(proxy.port)} was killed`);
    await (await proxy.peer()).untilEnd();
    expect((await proxy.peer()).text).toBe('');
  });

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n', '407 Proxy Authentication Required'],
    ['HTTP/1.0 502\r\n\r\n', '502'],
    ['SSH-2.0-x\r\n', "Bad HTTP response line: b'SSH-2.0-x'"],
  ])('is refused by %j', async (head, reason) => {
    const proxy = await answering(head);
    const recorder = new Recorder();
    const dialler = createServerDialler(clientContext({ addons: [recorder] }));
    const error = await failure(dialler.connect(throughProxy(proxy.port), true));
    expect(error.message).toContain(`the proxy 127.0.0.1:${String(proxy.port)} did not connect to example.com:443: `);
    expect(error.message).toContain(reason);
    expect(error.phase).toBe('proxy');
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnectError']);
    await (await proxy.peer()).untilEnd();
  });

  test('is given up when the proxy does not answer', async () => {
    const proxy = await rawServer();
    const clock = new ManualClock();
    const attempt = failure(createServerDialler(clientContext({ clock })).connect(throughProxy(proxy.port), true));
    await (await proxy.peer()).until('\r\n\r\n');
    clock.advance(60_000);
    expect((await attempt).message).toContain('did not connect to example.com:443: no answer within 60 s');
    await (await proxy.peer()).untilEnd();
    expect(clock.waiting).toEqual([]);
  });

  test('is given up when the client leaves', async () => {
    const proxy = await rawServer();
    const over = new AbortController();
    const dialler = createServerDialler(clientContext());
    const attempt = failure(dialler.connect(throughProxy(proxy.port), true, over.signal));
    await (await proxy.peer()).until('\r\n\r\n');
    over.abort();
    expect((await attempt).message).toContain('given up');
    await (await proxy.peer()).untilEnd();
  });

  test('is not made when an addon names another kind of proxy', async () => {
    const addon: Addon = {
      serverConnect({ server }) {
        server.via = ['socks5', ['127.0.0.1', 1]];
      },
    };
    const error = await failure(createServerDialler(clientContext({ addons: [addon] })).connect(to(1), true));
    expect(error.message).toBe('there is no way through a proxy of socks5, only of http or https');
  });

  test('asks for nothing when the proxy is to answer itself', async () => {
    const proxy = await rawServer();
    const dialler = createServerDialler(clientContext());
    const { duplex } = await dialler.connect(throughProxy(proxy.port), false);
    duplex.write('GET http://example.com/');
    expect((await (await proxy.peer()).until('.com/')).toString()).toBe('GET http://example.com/');
    duplex.destroy();
  });

  test('speaks TLS with the proxy when its scheme says so, and another TLS within', async () => {
    const inner = createTlsServer({ ...(await shown()), ALPNProtocols: ['h2'] }, (socket) => socket.end('inner'));
    const proxy = createTlsServer({ ...(await shown()), ALPNProtocols: ['http/1.1'] }, (outer) => {
      outer.once('data', (head: Buffer) => {
        expect(head.toString()).toMatch(/^CONNECT localhost:443 /);
        outer.write('HTTP/1.1 200 OK\r\n\r\n');
        inner.emit('connection', outer);
      });
    });
    onTestFinished(() => void proxy.close());
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    // It listens on TCP.
    const { port } = proxy.address() as AddressInfo;
    const told: unknown[] = [];
    const addon: Addon = {
      tlsEstablishedServer({ connection }) {
        if (connection instanceof ServerConnection) told.push([connection.address, connection.via, connection.alpn]);
      },
    };
    const context = clientContext({ ...trusting(), addons: [addon] });
    const dialler = createServerDialler(context);
    const link = await dialler.connect(throughProxy(port, 'https', ['localhost', 443]), true);
    expect(link.connection).toMatchObject({ tls: false, tlsVersion: undefined });
    const secured = await dialler.secure(link, { sni: undefined, alpn: ['h2'] });
    expect(secured.destination.tls).toBe(true);
    expect(secured.connection).toMatchObject({ tls: true, alpn: 'h2', tlsVersion: 'TLSv1.3', sni: 'localhost' });
    expect(told).toEqual([
      [['127.0.0.1', port], undefined, 'http/1.1'],
      [['localhost', 443], ['https', ['127.0.0.1', port]], 'h2'],
    ]);
    const [bytes] = (await once(secured.duplex.resume(), 'data')) as [Buffer];
    expect(bytes.toString()).toBe('inner');
    closeLink(context, secured);
  });

  test('is an error when the certificate of the proxy is not trusted', async () => {
    const port = await httpsServer(await shown());
    const recorder = new Recorder();
    const context = clientContext({ tls: trusting().tls, addons: [recorder] });
    const error = await failure(createServerDialler(context).connect(throughProxy(port, 'https'), true));
    expect(error).toMatchObject({ phase: 'tls', address: `127.0.0.1:${String(port)}` });
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnectError']);
  });
});

describe('TLS with a server', () => {
  test('that fails closes the connection and tells why', async () => {
    const server = await rawServer((peer) => peer.send('no TLS here'));
    const recorder = new Recorder();
    const dialler = createServerDialler(clientContext({ ...trusting(), addons: [recorder] }));
    const link = await dialler.connect(to(server.port, { tls: true }), true);
    const error = await failure(dialler.secure(link, { sni: 'localhost', alpn: [] }));
    expect(error.phase).toBe('tls');
    expect(link.connection).toMatchObject({ error: error.message, state: 0 });
    expect(recorder.calls).toEqual(['serverConnect', 'serverConnected', 'serverDisconnected']);
    await (await server.peer()).untilEnd();
  });

  test('is given up when the server does not answer', async () => {
    const server = await rawServer();
    const clock = new ManualClock(Date.now());
    const dialler = createServerDialler(clientContext({ ...trusting(), clock }));
    const link = await dialler.connect(to(server.port, { tls: true }), true);
    const attempt = failure(dialler.secure(link, { sni: 'localhost', alpn: [] }));
    await (await server.peer()).until(5);
    clock.advance(60_000);
    expect((await attempt).message).toContain('no answer within 60 s');
    expect(clock.waiting).toEqual([]);
  });
});

/** What a server of TLS shows. */
async function shown(): Promise<{ key: string; cert: string }> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  return { key, cert };
}

describe('real proxies', () => {
  test.skipIf(!hasProgram('mitmdump'))('mitmdump, with and without a password', async () => {
    const server = await rawServer((peer) => peer.send('greeting'));
    const port = await mitmdump(temporaryDirectory(), '--proxyauth', 'me:secret', '--set', 'connection_strategy=eager');
    const target: Address = ['127.0.0.1', server.port];
    const refused = await failure(
      createServerDialler(clientContext()).connect(throughProxy(port, 'http', target), true),
    );
    expect(refused.message).toContain('407 Proxy Authentication Required');
    const addon: Addon = {
      httpConnectUpstream({ request }) {
        request.headers.set('Proxy-Authorization', `Basic ${Buffer.from('me:secret').toString('base64')}`);
      },
    };
    const dialler = createServerDialler(clientContext({ addons: [addon] }));
    const { duplex } = await dialler.connect(throughProxy(port, 'http', target), true);
    const [first] = (await once(duplex.resume(), 'data')) as [Buffer];
    expect(first.toString()).toBe('greeting');
    duplex.destroy();
  });

  test('pathod, which answers behind any CONNECT', async () => {
    const daemon = await startDaemon();
    const { duplex } = await createServerDialler(clientContext()).connect(throughProxy(daemon.port), true);
    duplex.write("GET /p/200:b'hi' HTTP/1.1\r\nHost: x\r\n\r\n");
    const [first] = (await once(duplex.resume(), 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    duplex.destroy();
  });
});
