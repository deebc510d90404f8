import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:tls';
import type { TlsOptions, TLSSocket } from 'node:tls';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { ConnectionError } from '../../src/errors.js';
import { Pathoc } from '../../src/pathoc/index.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { opensslServer } from '../kit/openssl-server.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { pathoc } from './command-line.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

async function listening(server: Server, sockets: Iterable<{ destroy(): unknown }> = []): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** A TLS server of Node's, and its side of every connection. */
async function tlsServer(
  onSocket: (socket: TLSSocket) => void,
  options: TlsOptions & { readonly allowHalfOpen?: boolean } = {},
): Promise<number> {
  const sockets: TLSSocket[] = [];
  const server = createServer({ ...(await certificateFor()).tlsOptions, ...options }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.on('tlsClientError', () => undefined);
  return listening(server, sockets);
}

const answeringOk = (socket: TLSSocket): void => {
  socket.on('data', () => socket.write(ok));
};

describe('-s', () => {
  test('speaks TLS, and verifies nothing', async () => {
    const port = await httpsServer((await certificateFor({ fault: 'expired' })).tlsOptions);
    expect(await pathoc(['-s', `127.0.0.1:${port}`, 'get:/'])).toEqual({
      status: 0,
      out: ">> 'GET':/\n<< 200 OK: 5 bytes\n",
      err: '',
    });
  });

  test('port 443 is the default', async () => {
    await expect(Pathoc.connect({ host: '127.0.0.1', ssl: true })).rejects.toThrow(
      'cannot connect to 127.0.0.1:443: connection refused',
    );
  });

  test('several over one connection, and again over another', async () => {
    const port = await httpsServer((await certificateFor()).tlsOptions);
    const { out, status } = await pathoc(['-s', '-n', '2', `localhost:${port}`, 'get:/:x2']);
    expect(out).toBe(">> 'GET':/\n<< 200 OK: 5 bytes\n".repeat(4));
    expect(status).toBe(0);
  });

  test('asks for the host by name, and for no address', async () => {
    const asked: unknown[] = [];
    const port = await tlsServer(
      (socket) => {
        asked.push(socket.servername, socket.alpnProtocol);
        answeringOk(socket);
      },
      { ALPNProtocols: ['h2', 'http/1.1'] },
    );
    await pathoc(['-s', `127.0.0.1:${port}`, 'get:/']);
    await pathoc(['-s', `localhost:${port}`, 'get:/']);
    await pathoc(['-s', '-i', 'example.com', `127.0.0.1:${port}`, 'get:/']);
    await pathoc(['-s', '--sni', '', `localhost:${port}`, 'get:/']);
    const protocol = 'http/1.1';
    expect(asked).toEqual([false, protocol, 'localhost', protocol, 'example.com', protocol, false, protocol]);
  });

  test('ciphers and versions', async () => {
    const spoken: string[] = [];
    const port = await tlsServer(
      (socket) => {
        spoken.push(`${socket.getProtocol() ?? ''} ${socket.getCipher().name}`);
        answeringOk(socket);
      },
      { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    );
    const speak = (...args: string[]) => pathoc(['-s', ...args, `127.0.0.1:${port}`, 'get:/']);
    await speak('--ssl-version', 'TLSv1');
    await speak('--ssl-version', 'TLSv1.1');
    await speak('--ssl-version', 'TLSv1_2', '--ciphers', 'ECDHE-ECDSA-AES256-GCM-SHA384');
    await speak('--ciphers', 'TLS_CHACHA20_POLY1305_SHA256');
    await speak('--ssl-version', 'all');
    expect(spoken).toEqual([
      'TLSv1 ECDHE-ECDSA-AES256-SHA',
      'TLSv1.1 ECDHE-ECDSA-AES256-SHA',
      'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
      'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256',
      'TLSv1.3 TLS_AES_256_GCM_SHA384',
    ]);
  });

  test('shows a client certificate to a server that asks for one', async () => {
    const certificate = await certificateFor({ host: 'client.example' });
    const server = createHttpsServer(
      { ...(await certificateFor()).tlsOptions, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        // An HTTPS server's requests come over TLS.
        const socket = request.socket as TLSSocket;
        response.end(String(socket.getPeerCertificate().subject.CN));
      },
    );
    const port = await listening(server);
    const { cert, key } = certificate.tlsOptions;
    const file = fileOf(key, cert);
    await using client = await Pathoc.connect({ host: '127.0.0.1', port, ssl: true, clientCertificate: file });
    expect((await client.request('get:/')).body.toString()).toBe('client.example');
    await using other = await Pathoc.connect({ host: '127.0.0.1', port, ssl: true, clientCertificate: key + cert });
    expect((await other.request('get:/')).body.toString()).toBe('client.example');
    const { out } = await pathoc(['-s', '-C', file, '-p', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toMatch(/client\.example/);
  });

  test.skipIf(!hasProgram('openssl'))('a server that misses one says so by an alert, after the handshake', async () => {
    const port = await opensslServer('-Verify', '1', '-verify_return_error');
    const { out, status } = await pathoc(['-s', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toBe(
      ">> 'GET':/\nInvalid server response: Server disconnected, with the TLS alert certificate_required (116)\n",
    );
    expect(status).toBe(2);
  });

  test.skipIf(!hasProgram('openssl'))('OpenSSL as the server', async () => {
    const port = await opensslServer('-www');
    const { out, status } = await pathoc(['-s', '--ca', fileOf(authorityPem), `localhost:${port}`, 'get:/']);
    expect(out).toMatch(/^>> 'GET':\/\n<< 200 ok: \d+ bytes\n$/);
    expect(status).toBe(0);
  });

  test('WebSocket', async () => {
    const server = createHttpsServer((await certificateFor()).tlsOptions);
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.on('message', (text: Buffer) => {
        socket.send(`${text.toString()} to you`);
        socket.close(1000);
      });
    });
    const port = await listening(server);
    const { out } = await pathoc(['-s', '--seed', '1', `127.0.0.1:${port}`, 'ws:/', "wf:fin:b'hello'"]);
    expect(out).toMatch(
      /^>> ws:\/\n<< 101 Switching Protocols: 0 bytes\n>> .*\n<< ws frame:text:fin 12b\n<< ws frame:close:fin 2b\n$/,
    );
  });
});

describe('--verify', () => {
  test('takes what it can trust', async () => {
    const port = await httpsServer((await certificateFor()).tlsOptions);
    const file = fileOf(authorityPem);
    for (const host of ['localhost', '127.0.0.1']) {
      expect((await pathoc(['-s', '--ca', file, `${host}:${port}`, 'get:/'])).status).toBe(0);
    }
    await using client = await Pathoc.connect({ host: 'localhost', port, ssl: true, verify: true, ca: authorityPem });
    expect((await client.request('get:/')).code).toBe(200);
  });

  test.each<[string, Parameters<typeof certificateFor>[0], string[], string]>([
    ['an authority that nobody trusts', {}, ['--verify'], 'unable to verify the first certificate'],
    ['a self-signed one', { fault: 'self-signed' }, ['--ca', 'CA'], 'self-signed certificate'],
    ['an expired one', { fault: 'expired' }, ['--ca', 'CA'], 'certificate has expired'],
    ['another host', { host: 'a.example', names: [] }, ['--ca', 'CA'], 'the certificate is not for localhost'],
    ['another name asked for', {}, ['--ca', 'CA', '-i', 'b.example'], 'the certificate is not for b.example'],
  ])('refuses %s', async (_, request, options, reason) => {
    const port = await httpsServer((await certificateFor(request)).tlsOptions);
    const file = fileOf(authorityPem);
    const args = options.map((option) => (option === 'CA' ? file : option));
    const { status, out, err } = await pathoc(['-s', ...args, `localhost:${port}`, 'get:/']);
    expect(err).toMatch(`TLS with localhost:${port} failed: ${reason}`);
    expect(err.split('\n')).toHaveLength(2);
    expect([status, out]).toEqual([2, '']);
  });
});

describe('-S', () => {
  test('shows the connection and the certificates', async () => {
    const certificate = await certificateFor({ organization: 'Example' }, 'rsa-2048');
    const { validFrom, validTo, serialNumber } = certificate.x509;
    const port = await httpsServer({ ...certificate.tlsOptions, cert: certificate.tlsOptions.cert + authorityPem });
    const { out } = await pathoc(['-sS', `localhost:${port}`, 'get:/']);
    const moment = (date: string) => `${new Date(date).toISOString().replace(/\.000|[-:T]/g, '')}`;
    const lines = out.split('\n');
    expect(lines.slice(0, 16)).toEqual([
      'Application Layer Protocol: http/1.1',
      'Cipher: TLS_AES_256_GCM_SHA384, 256 bit, TLSv1.3',
      'SSL certificate chain:',
      '  Certificate [0]',
      '\tSubject: ',
      '\t\tCN=localhost',
      '\t\tO=Example',
      '\tIssuer: ',
      '\t\tCN=Test authority',
      '\t\tO=Test authority',
      '\tVersion: 3',
      `\tValidity: ${moment(validFrom)} - ${moment(validTo)}`,
      `\tSerial: ${BigInt(`0x${serialNumber}`)}`,
      '\tAlgorithm: ecdsa-with-SHA256',
      '\tPubkey: 2048 bit RSA',
      '\tSANs: localhost 127.0.0.1 0:0:0:0:0:0:0:1',
    ]);
    expect(lines.slice(16, 19)).toEqual(['  Certificate [1]', '\tSubject: ', '\t\tCN=Test authority']);
    expect(lines).toContain('\tPubkey: 256 bit EC');
    expect(out).toMatch(/\n>> 'GET':\/\n<< 200 OK: 5 bytes\n$/);
  });

  test('in code', async () => {
    const port = await httpsServer((await certificateFor()).tlsOptions);
    await using client = await Pathoc.connect({ host: 'localhost', port, ssl: true });
    expect(client.tls?.protocol).toBe('http/1.1');
    expect(client.tls?.cipher).toEqual(['TLS_AES_256_GCM_SHA384', 256, 'TLSv1.3']);
    expect(client.tls?.certificates.map(({ subject }) => subject)).toEqual(['CN=localhost']);
    await client.request('get:/');
  });
});

describe('d over TLS', () => {
  /** What a server of Node's saw of the end of a connection, and what it received. */
  async function seen(spec: string, answer = ''): Promise<{ ends: string[]; received: string; out: string }> {
    const ends: string[] = [];
    let received = '';
    let closed: (() => void) | undefined;
    const over = new Promise<void>((resolve) => (closed = resolve));
    const port = await tlsServer(
      (socket) => {
        socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
        socket.on('end', () => {
          ends.push('end');
          socket.end(answer);
        });
        socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''));
        socket.on('close', () => closed?.());
      },
      { allowHalfOpen: true },
    );
    const { out } = await pathoc(['-s', `127.0.0.1:${port}`, spec]);
    await over;
    return { ends, received, out };
  }

  test('d ends TLS in order', async () => {
    expect(await seen('get:/:d5')).toEqual({
      ends: ['end'],
      received: 'GET /',
      out: ">> 'GET':/:d5\nDisconnected, as the request says\n",
    });
  });

  test('rst resets the TCP connection below', async () => {
    expect(await seen('get:/:d5,rst')).toMatchObject({ ends: ['ECONNRESET'], received: 'GET /' });
  });

  test('fin ends our side, and the answer comes still', async () => {
    const { ends, received, out } = await seen('get:/:da,fin', ok);
    expect(ends).toEqual(['end']);
    expect(received).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    expect(out).toBe(">> 'GET':/:da,fin\n<< 200 OK: 0 bytes\n");
  });

  test('a connection that is closed in peace ends in order', async () => {
    expect((await seen('get:/:r:d0')).ends).toEqual(['end']);
    let ended = 0;
    const port = await tlsServer((socket) => {
      answeringOk(socket);
      socket.on('end', () => ended++);
      socket.on('error', () => (ended = -1));
      socket.on('close', () => socket.destroy());
    });
    const client = await Pathoc.connect({ host: '127.0.0.1', port, ssl: true });
    await client.request('get:/');
    await client.close();
    await expect.poll(() => ended).toBe(1);
  });
});

describe('when it comes to nothing', () => {
  const failing = async (port: number, ...args: string[]) => {
    const { status, out, err } = await pathoc(['-s', ...args, `127.0.0.1:${port}`, 'get:/']);
    expect([status, out]).toEqual([2, '']);
    return err.replace(String(port), 'PORT');
  };

  test('a server that speaks something else', async () => {
    const { port } = await rawServer((peer) => peer.send('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failing(port)).toBe('TLS with 127.0.0.1:PORT failed: the server does not speak TLS\n');
  });

  test('a server that closes, and one that resets', async () => {
    const closing = await rawServer((peer) => peer.end());
    expect(await failing(closing.port)).toBe(
      'TLS with 127.0.0.1:PORT failed: the server closed the connection in the handshake\n',
    );
    const resetting = await rawServer((peer) => void peer.until(1).then(() => peer.socket.resetAndDestroy()));
    expect(await failing(resetting.port)).toBe(
      'TLS with 127.0.0.1:PORT failed: the server reset the connection in the handshake\n',
    );
  });

  test('an alert, by its name', async () => {
    const { tlsOptions } = await certificateFor();
    const newer = await httpsServer({ ...tlsOptions, minVersion: 'TLSv1.3' });
    expect(await failing(newer, '--ssl-version', 'TLSv1_2')).toBe(
      'TLS with 127.0.0.1:PORT failed: the server sent the alert protocol_version (70)\n',
    );
    const other = await httpsServer({ ...tlsOptions, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    expect(await failing(other, '--ciphers', 'ECDHE-ECDSA-AES256-GCM-SHA384')).toBe(
      'TLS with 127.0.0.1:PORT failed: the server sent the alert handshake_failure (40)\n',
    );
  });

  test('nothing within the time given, which -T ignores', async () => {
    const { port, peers } = await rawServer();
    expect(await failing(port, '-t', '0.1')).toBe('TLS with 127.0.0.1:PORT failed: no answer within 0.1 s\n');
    expect((await pathoc(['-T', '-t', '0.1', '-s', `127.0.0.1:${port}`, 'get:/'])).status).toBe(0);
    await Promise.all(peers.map((peer) => peer.untilEnd()));
  });

  test('a signal, before and in the middle', async () => {
    const server = await rawServer();
    const controller = new AbortController();
    const connecting = Pathoc.connect({ host: '127.0.0.1', port: server.port, ssl: true, signal: controller.signal });
    connecting.catch(() => undefined);
    const peer = await server.peer();
    await peer.until(1);
    controller.abort();
    await expect(connecting).rejects.toThrow(ConnectionError);
    await expect(connecting).rejects.toMatchObject({ phase: 'tls', address: `127.0.0.1:${server.port}` });
    await peer.untilEnd();
  });
});

describe('what cannot be used is found out before anything is sent', () => {
  test.each<[string[], RegExp]>([
    [['-s', '--ciphers', 'nonsense'], /^pathoc: OpenSSL knows no cipher of "nonsense"\n$/],
    [['-s', '--ssl-version', 'SSLv3'], /^pathoc: Node\.js and its OpenSSL do not speak SSLv3 \(the oldest .*\)\n$/],
    [['-s', '--ssl-version', 'TLSv2'], /^pathoc: unknown TLS version "TLSv2" \(known: secure, all, .*\)\n$/],
    [
      ['-s', '-C', 'missing.pem'],
      /^pathoc: cannot read client certificate .*missing\.pem: No such file or directory\n$/,
    ],
    [['-s', '--ca', 'missing.pem'], /^pathoc: cannot read authority file .*missing\.pem: No such file/],
    [['--verify'], /^pathoc: --verify needs TLS, which -s asks for\n$/],
    [['-C', 'x'], /^pathoc: --client-cert needs TLS, which -s asks for\n$/],
    [['-i', 'x'], /^pathoc: --sni needs TLS/],
    [['--http2', '--h2c'], /^pathoc: --h2c is HTTP\/2 without TLS/],
    [['-s', '--h2c'], /^pathoc: --h2c is HTTP\/2 without TLS/],
    [['--http2-skip-connection-preface'], /^pathoc: --http2-skip-connection-preface needs --http2 or --h2c\n$/],
  ])('%j', async (args, err) => {
    const run = await pathoc([...args, '127.0.0.1:1', 'get:/']);
    expect(run.err).toMatch(err);
    expect([run.status, run.out]).toEqual([1, '']);
  });

  test('files that are no certificate with its key', async () => {
    const one = (await certificateFor()).tlsOptions;
    const other = (await certificateFor({}, 'rsa-2048')).tlsOptions;
    const complaint = async (option: string, ...texts: string[]): Promise<string> => {
      const { status, err } = await pathoc(['-s', option, fileOf(...texts), '127.0.0.1:1', 'get:/']);
      expect(status).toBe(1);
      return err;
    };
    expect(await complaint('-C', 'hello')).toMatch(/^pathoc: client certificate .* is not a PEM file: .*\n$/);
    expect(await complaint('-C', one.cert)).toMatch(/holds no private key\n$/);
    expect(await complaint('-C', one.key)).toMatch(/holds no certificate\n$/);
    expect(await complaint('-C', one.key, other.cert)).toMatch(
      /holds a private key that does not match its certificate\n$/,
    );
    expect(await complaint('--ca', one.key)).toMatch(/^pathoc: authority file .* holds no certificate in PEM\n$/);
  });
});
