import { once } from 'node:events';
import { createSecureServer, createServer } from 'node:http2';
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { rawServer } from '../kit/raw-server.js';
import { socksServer } from '../kit/socks-server.js';
import { pathoc } from './command-line.js';

/** Node's own HTTP/2 server, which answers with the path it was asked for, until the test is over. */
async function serve(server: Http2Server | Http2SecureServer, answers = true): Promise<number> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session: ServerHttp2Session) => sessions.add(session));
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    if (!answers) return;
    stream.on('error', () => undefined);
    stream.respond({ ':status': headers[':path'] === '/missing' ? 404 : 200 });
    stream.end(`${String(headers[':scheme'])} ${String(headers[':authority'])} ${String(headers[':path'])}`);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

const secure = async (): Promise<number> => serve(createSecureServer((await certificateFor()).tlsOptions));
const plain = (): Promise<number> => serve(createServer());

describe('a request that a raw frame follows', () => {
  test('is not waited for, so that it can be cancelled', async () => {
    const server = createServer();
    const cancelled = new Promise<number>((resolve) => {
      // It never answers.
      server.on('stream', (stream) => {
        stream
          .on('error', () => undefined)
          .on('close', () => {
            resolve(stream.rstCode);
          });
      });
    });
    const port = await serve(server, false);
    const { out, status } = await pathoc(['--h2c', `localhost:${port}`, 'get:/', 'h2f:trst_stream:crefused_stream']);
    expect(out).toBe(">> 'GET':/\n>> h2f:trst_stream:crefused_stream\n");
    expect(status).toBe(0);
    expect(await cancelled).toBe(7);
  });

  test('is answered with its stream, before the next request goes out', async () => {
    const args = ['--h2c', `localhost:${await plain()}`, 'post:/missing:b@40k', 'h2f:tping', 'get:/'];
    const { out, status } = await pathoc(args);
    expect(out).toMatch(
      /^>> 'POST':\/missing:b@40k\n>> h2f:tping\n(<< h2 frame:ping:ack .*\n|<< stream 1: 404 : .*\n)+/,
    );
    expect(out).toMatch(/<< stream 1: 404 : \d+ bytes\n[^]*>> 'GET':\/\n<< 200 : \d+ bytes\n$/);
    expect(status).toBe(0);
  });
});

describe('--http2', () => {
  test('sends requests over TLS, several over one connection', async () => {
    const port = await secure();
    const { status, out, err } = await pathoc(['--http2', '-S', `localhost:${port}`, 'get:/', 'get:/missing']);
    expect(out).toMatch(/^Application Layer Protocol: h2\nCipher: /);
    expect(out.slice(out.indexOf('>>'))).toBe(
      `>> 'GET':/\n<< 200 : ${`https localhost:${port} /`.length} bytes\n` +
        `>> 'GET':/missing\n<< 404 : ${`https localhost:${port} /missing`.length} bytes\n`,
    );
    expect([status, err]).toEqual([0, '']);
  });

  test('verified, and through a SOCKS proxy', async () => {
    const proxy = await socksServer({ redirect: await secure() });
    const args = ['--http2', '--ca', fileOf(authorityPem), '--socks', `127.0.0.1:${proxy.port}`];
    const { status, out } = await pathoc([...args, '-I', '404', 'localhost', 'get:/', 'get:/missing']);
    expect(out).toMatch(/^>> 'GET':\/\n<< 200 : \d+ bytes\n$/);
    expect(status).toBe(0);
    expect(proxy.requests).toEqual([{ host: 'localhost', port: 443 }]);
  });

  test('a server that speaks HTTP/1 alone is one clear line', async () => {
    const { tlsOptions } = await certificateFor();
    const mute = await httpsServer({ ...tlsOptions, ALPNCallback: () => undefined });
    const refusing = await pathoc(['--http2', `127.0.0.1:${mute}`, 'get:/']);
    expect(refusing).toEqual({
      status: 2,
      out: '',
      err: `TLS with 127.0.0.1:${mute} failed: the server sent the alert no_application_protocol (120)\n`,
    });
    const port = await serverWithoutAlpn();
    expect(await pathoc(['--http2', `127.0.0.1:${port}`, 'get:/'])).toEqual({
      status: 2,
      out: '',
      err: `127.0.0.1:${port} does not offer HTTP/2: it chose no protocol (ALPN)\n`,
    });
  });

  test('-e, -n and a seed, as over HTTP/1', async () => {
    const port = await secure();
    const args = ['--http2', '-e', '-n', '2', '--seed', '4', `localhost:${port}`, "get:/:h'a'=@3,digits"];
    const { out } = await pathoc(args);
    expect(out).toMatch(/^(>> 'GET':\/:h'a'='\d{3}'\n<< 200 : \d+ bytes\n){2}$/);
    expect((await pathoc(args)).out).toBe(out);
  });

  test('specs that are no HTTP/2 are found out before anything is sent', async () => {
    const { status, err } = await pathoc(['--http2', 'localhost:1', 'ws:/']);
    expect(err).toMatch(/^Error parsing request spec: /);
    expect(status).toBe(1);
    expect((await pathoc(['localhost:1', 'h2f:tping'])).status).toBe(1);
  });
});

describe('--h2c', () => {
  test('sends requests without TLS', async () => {
    const port = await plain();
    const { status, out } = await pathoc(['--h2c', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toBe(`>> 'GET':/\n<< 200 : ${`http 127.0.0.1:${port} /`.length} bytes\n`);
    expect(status).toBe(0);
  });

  test('raw frames, and what answers them', async () => {
    const port = await plain();
    const { status, out } = await pathoc(['--h2c', `127.0.0.1:${port}`, "h2f:tping:b'12345678'", 'get:/']);
    expect(out).toMatch(/^>> h2f:tping:b'12345678'\n/);
    expect(out).toContain('<< h2 frame:ping:ack stream=0 8b 3132333435363738\n');
    expect(out).toMatch(/\n>> 'GET':\/\n<< 200 : \d+ bytes\n/);
    expect(status).toBe(0);
  });

  test('a frame that closes the connection', async () => {
    const port = await plain();
    const { status, out } = await pathoc(['--h2c', `127.0.0.1:${port}`, 'h2f:tping:d5', 'get:/']);
    expect(out).toBe(
      '>> h2f:tping:d5\nDisconnected, as the frame says\nNot sent, as the connection is closed: 1 message\n',
    );
    expect(status).toBe(2);
  });

  test('--http2-framedump shows every frame', async () => {
    const port = await plain();
    const { out } = await pathoc(['--h2c', '--http2-framedump', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toMatch(/^frame sent: settings stream=0 /m);
    expect(out).toMatch(/^frame sent: headers:end_stream\|end_headers stream=1 /m);
    expect(out).toMatch(/^frame received: headers:end_headers stream=1 /m);
    expect(out).toMatch(/^frame received: data:end_stream stream=1 /m);
  });

  test('--http2-skip-connection-preface begins without it', async () => {
    const server = await rawServer();
    const done = pathoc(['--h2c', '--http2-skip-connection-preface', '-t', '0.2', `127.0.0.1:${server.port}`, 'get:/']);
    const first = await (await server.peer()).until(9);
    expect(first[3]).toBe(1);
    expect((await done).status).toBe(2);
  });

  test('a server that speaks HTTP/1', async () => {
    const server = await rawServer((peer) => peer.send('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n').end());
    const { status, out, err } = await pathoc(['--h2c', `127.0.0.1:${server.port}`, 'get:/']);
    expect(out).toMatch(/^>> 'GET':\/\nInvalid server response: .*\n$/);
    expect([status, err]).toEqual([2, '']);
  });
});

async function serverWithoutAlpn(): Promise<number> {
  const server = createTlsServer((await certificateFor()).tlsOptions, (socket) => {
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}
