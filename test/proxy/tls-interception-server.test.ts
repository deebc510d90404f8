import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { TlsOptions, TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectSocket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError } from '../../src/errors.js';
import { acceptTls } from '../../src/net/tls-accept.js';
import { ServerConnection } from '../../src/proxy/flow/connection.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import type { ProxyInput } from '../../src/proxy/options.js';
import { openProxyTls } from '../../src/proxy/tls-interception.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { startDaemon } from '../kit/daemon.js';
import { opensslServer } from '../kit/openssl-server.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { clientContext } from './client-context.js';

/** What a handshake with a server is made with. */
interface Settings {
  readonly options?: ProxyInput;
  readonly addons?: readonly Addon[];
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What a handshake with a local server came to. */
interface Made {
  readonly server: ServerConnection;
  readonly lines: readonly string[];
  readonly duplex?: TLSSocket;
  /** The message of the error. */
  readonly failure?: string;
}

async function dial(port: number, settings: Settings = {}): Promise<Made> {
  const { serverName = 'localhost', alpn = [], signal } = settings;
  const context = clientContext(settings);
  const tls = await openProxyTls(context.proxy, {});
  const socket = connectSocket(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  const server = Object.assign(new ServerConnection(), { address: ['localhost', port] as const });
  const { lines } = context;
  try {
    const duplex = await tls.connect(context, socket, server, { serverName, alpn, signal });
    // That is what it is on a socket.
    return { server, lines, duplex: duplex as TLSSocket };
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    expect(error).toMatchObject({ phase: 'tls', address: `localhost:${String(port)}` });
    expect(socket.destroyed).toBe(true);
    expect(server.error).toBe(error.message);
    expect(lines).toEqual([`warn: 127.0.0.1:50000: ${error.message}`]);
    const start = `TLS with localhost:${String(port)} failed: `;
    expect(error.message.slice(0, start.length)).toBe(start);
    return { server, lines, failure: error.message.slice(start.length) };
  }
}

/** A server that echoes, and what it saw of each client. */
async function echoServer(
  options: TlsOptions,
  serve: (socket: TLSSocket) => void = (socket) => socket.pipe(socket),
): Promise<{ port: number; client: () => Promise<TLSSocket> }> {
  const server = createServer(options);
  const sockets: Socket[] = [];
  const waiting: ((socket: TLSSocket) => void)[] = [];
  const arrived: TLSSocket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => {
    serve(socket.on('error', () => undefined));
    const next = waiting.shift();
    if (next === undefined) arrived.push(socket);
    else next(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    client: () =>
      new Promise((resolve) => {
        const first = arrived.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

const trusting = (): ProxyInput => ({ sslVerifyUpstreamTrustedCa: fileOf(authorityPem) });

describe('a server whose certificate is good', () => {
  test('is connected to, and all is told of it', async () => {
    const { cert, key } = (await certificateFor()).tlsOptions;
    const { port } = await echoServer({ cert: cert + authorityPem, key, ALPNProtocols: ['h2'] });
    const made = await dial(port, { options: trusting(), alpn: ['h2', 'http/1.1'] });
    expect(made.server).toMatchObject({
      ...{ tls: true, tlsEstablished: true, sni: 'localhost', alpn: 'h2', alpnOffers: ['h2', 'http/1.1'] },
      ...{ cipher: 'TLS_AES_256_GCM_SHA384', tlsVersion: 'TLSv1.3', error: undefined },
    });
    expect(made.server.certificateList.map(String)).toEqual([cert, authorityPem]);
    expect(made.server.timestampTlsSetup).toBeGreaterThan(1e9);
    made.duplex?.write('hello');
    expect(String(await once(made.duplex as TLSSocket, 'data'))).toBe('hello');
    expect(made.lines).toEqual([]);
  });

  test('is verified by its address, and not asked for by that', async () => {
    const server = await echoServer((await certificateFor()).tlsOptions);
    const made = await dial(server.port, { options: trusting(), serverName: '127.0.0.1' });
    expect(made.server).toMatchObject({ sni: undefined, tlsEstablished: true });
    expect((await server.client()).servername).toBe(false);
  });

  test('may speak TLS within TLS', async () => {
    const { secureContext: context, tlsOptions } = await certificateFor();
    const server = await echoServer(tlsOptions, (socket) => {
      void acceptTls(socket, { context, alpn: ['h2'], requestCertificate: false }).then((accepted) => {
        if ('socket' in accepted) accepted.socket.pipe(accepted.socket);
      });
    });
    const proxy = clientContext({ options: trusting() });
    const tls = await openProxyTls(proxy.proxy, {});
    const outer = await dial(server.port, { options: trusting() });
    const inner = Object.assign(new ServerConnection(), { address: ['localhost', server.port] as const });
    const duplex = await tls.connect(proxy, outer.duplex as TLSSocket, inner, {
      serverName: 'localhost',
      alpn: ['h2'],
    });
    expect(inner).toMatchObject({ alpn: 'h2', tlsEstablished: true });
    const long = 'x'.repeat(100_000);
    duplex.write(long);
    let received = '';
    for await (const chunk of duplex) if ((received += String(chunk)).length === long.length) break;
    expect(received).toBe(long);
  });

  test('may be in a directory of authorities, under any of the usual names', async () => {
    const { port } = await echoServer((await certificateFor()).tlsOptions);
    for (const name of ['0a1b2c3d.0', 'my.pem', 'MY.CRT']) {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, name), authorityPem);
      writeFileSync(join(directory, 'README'), 'not read');
      writeFileSync(join(directory, 'other.pem'), (await certificateFor()).tlsOptions.key);
      const made = await dial(port, { options: { sslVerifyUpstreamTrustedConfdir: directory } });
      expect(made.failure).toBeUndefined();
    }
  });
});

describe('a server whose certificate is bad', () => {
  test.each([
    ['self-signed', 'self-signed certificate'],
    ['expired', 'certificate has expired'],
    ['not-yet-valid', 'certificate is not yet valid'],
    ['wrong-host', /^the certificate is not for localhost, but for /],
    ['untrusted-authority', 'unable to verify the first certificate'],
    ['missing-intermediate', 'unable to verify the first certificate'],
  ] as const)('is refused: %s', async (fault, reason) => {
    const daemon = await startDaemon({ ssl: true, tlsFault: fault });
    const options = { sslVerifyUpstreamTrustedCa: fileOf(await daemon.openAuthority()) };
    const { failure, server } = await dial(daemon.port, { options });
    const [, why = ''] = /^certificate verify failed: (.*)$/.exec(failure ?? '') ?? [];
    if (typeof reason === 'string') expect(why).toBe(reason);
    else expect(why).toMatch(reason);
    expect(server.tlsEstablished).toBe(false);
    const insecure = await dial(daemon.port, { options: { ...options, sslInsecure: true } });
    expect(insecure.failure).toBeUndefined();
    expect(insecure.server.certificateList).not.toEqual([]);
  });

  test('is refused when its authority is trusted by nobody here', async () => {
    const { port } = await echoServer((await certificateFor()).tlsOptions);
    expect((await dial(port)).failure).toBe('certificate verify failed: unable to verify the first certificate');
  });

  test('is refused by an address that it is not for', async () => {
    const { port } = await echoServer((await certificateFor({ names: [] })).tlsOptions);
    const { failure } = await dial(port, { options: trusting(), serverName: '127.0.0.1' });
    expect(failure).toBe('certificate verify failed: the certificate is not for 127.0.0.1, but for localhost');
  });
});

describe('a server that fails otherwise', () => {
  test.each([
    ['alert', 'the server sent the alert handshake_failure (40)'],
    ['close', 'the server closed the connection in the handshake'],
    ['reset', 'the server reset the connection in the handshake'],
    ['plain-http', 'the server does not speak TLS'],
    ['garbage', 'the server does not speak TLS'],
    ['truncated', 'the server closed the connection in the handshake'],
    ['tls1.0-only', 'the server sent the alert protocol_version (70)'],
  ])('says so: %s', async (fault, reason) => {
    const daemon = await startDaemon({ ssl: true, tlsFault: fault });
    expect((await dial(daemon.port, { options: { sslInsecure: true } })).failure).toBe(reason);
  });

  test('is given up when the signal aborts, or has', async () => {
    expect((await dial((await rawServer()).port, { signal: AbortSignal.abort() })).failure).toBe('given up');
    const silent = await rawServer();
    const over = new AbortController();
    const made = dial(silent.port, { signal: over.signal });
    await (await silent.peer()).until(1);
    over.abort();
    expect((await made).failure).toBe('given up');
  });
});

describe('options', () => {
  test('limit versions, ciphers and curves', async () => {
    const server = await echoServer((await certificateFor({}, 'rsa-2048')).tlsOptions);
    const options = { sslInsecure: true, tlsVersionServerMax: 'TLS1_2', tlsEcdhCurveServer: 'secp384r1' } as const;
    const made = await dial(server.port, { options: { ...options, ciphersServer: 'ECDHE-RSA-CHACHA20-POLY1305' } });
    expect(made.server).toMatchObject({ tlsVersion: 'TLSv1.2', cipher: 'ECDHE-RSA-CHACHA20-POLY1305' });
    expect(made.duplex?.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' });
  });

  test.skipIf(!hasProgram('openssl'))('allow the oldest versions', async () => {
    const port = await opensslServer('-tls1', '-cipher', 'ALL:@SECLEVEL=0');
    const oldest = { sslInsecure: true, tlsVersionServerMin: 'UNBOUNDED', ciphersServer: 'ALL:@SECLEVEL=0' } as const;
    const made = await dial(port, { options: oldest });
    expect(made.server.tlsVersion).toBe('TLSv1');
    // It serves one client at a time.
    made.duplex?.destroy();
    expect((await dial(port, { options: { sslInsecure: true } })).failure).toMatch(/alert|version/);
  });

  test('name certificates to show, in a file or for each server in a directory', async () => {
    const server = await echoServer({
      ...(await certificateFor()).tlsOptions,
      requestCert: true,
      rejectUnauthorized: false,
    });
    const subjectOf = async (clientCerts: string, serverName: string): Promise<string | undefined> => {
      const { failure } = await dial(server.port, { serverName, options: { sslInsecure: true, clientCerts } });
      expect(failure).toBeUndefined();
      return (await server.client()).getPeerX509Certificate()?.subject;
    };
    const { cert, key } = (await certificateFor({ host: 'ann' })).tlsOptions;
    expect(await subjectOf(fileOf(key, cert), 'localhost')).toBe('CN=ann');
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'a.example.pem'), cert + key);
    mkdirSync(join(directory, 'sub'));
    expect(await subjectOf(directory, 'a.example')).toBe('CN=ann');
    expect(await subjectOf(directory, 'A.example')).toBe('CN=ann');
    for (const other of ['b.example', 'sub/../a.example', '../a.example', '.']) {
      expect(await subjectOf(directory, other)).toBeUndefined();
    }
    writeFileSync(join(directory, 'b.example.pem'), cert);
    const broken = await dial(server.port, { serverName: 'b.example', options: { clientCerts: directory } });
    expect(broken.failure).toMatch(/^client_certs .*b\.example\.pem holds no private key$/);
  });

  test('may change between two handshakes', async () => {
    const server = await echoServer((await certificateFor()).tlsOptions);
    const context = clientContext({ options: { sslInsecure: true } });
    const tls = await openProxyTls(context.proxy, {});
    const shake = async (): Promise<string> => {
      const socket = connectSocket(server.port, '127.0.0.1');
      await once(socket, 'connect');
      const connection = Object.assign(new ServerConnection(), { address: ['localhost', server.port] as const });
      const options = { serverName: 'localhost', alpn: [] };
      const outcome = await tls.connect(context, socket, connection, options).then(
        () => 'ok',
        (error: unknown) => String(error),
      );
      socket.destroy();
      return outcome;
    };
    expect(await shake()).toBe('ok');
    context.proxy.store.update({ sslInsecure: false });
    expect(await shake()).toMatch(/certificate verify failed/);
    context.proxy.store.update(trusting());
    expect(await shake()).toBe('ok');
  });
});

describe('addons', () => {
  test('are told of handshakes', async () => {
    const told: string[] = [];
    const addon: Addon = {
      tlsStartServer: ({ connection }) => told.push(`start ${String(connection.sni)}`),
      tlsEstablishedServer: ({ connection }) => told.push(`established ${String(connection.cipher)}`),
      tlsFailedServer: ({ connection }) => told.push(`failed ${String(connection.error?.replace(/.*failed: /, ''))}`),
    };
    const { port } = await echoServer((await certificateFor()).tlsOptions);
    await dial(port, { addons: [addon], options: trusting() });
    await dial(port, { addons: [addon] });
    expect(told).toEqual([
      ...['start localhost', 'established TLS_AES_256_GCM_SHA384', 'start localhost'],
      'failed unable to verify the first certificate',
    ]);
  });
});
