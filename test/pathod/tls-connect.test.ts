import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../../src/pathod/index.js';
import { connect } from '../kit/connect.js';
import { get, open, startDaemon } from '../kit/daemon.js';
import { Peer } from '../kit/peer.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { openTls } from '../kit/tls.js';

function granted(host: string): string {
  return `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** Goes through a CONNECT on a connection, and shakes hands behind it. */
async function through(daemon: Daemon, peer: Peer, target: string, options: ConnectionOptions = {}): Promise<Peer> {
  await peer.send(granted(target)).until('\r\n\r\n');
  peer.socket.removeAllListeners('data');
  const socket = connectTls({ socket: peer.socket, ca: await daemon.openAuthority(), ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  return new Peer(socket);
}

describe('behind a CONNECT', () => {
  test('TLS follows, with a certificate for the host of the CONNECT', async () => {
    const daemon = await startDaemon();
    for (const [target, options, names] of [
      ['a.example:443', { host: 'a.example' }, 'DNS:a.example'],
      ['127.0.0.2:443', { host: '127.0.0.2' }, 'IP Address:127.0.0.2'],
      ['[::1]:443', { host: '::1' }, 'IP Address:0:0:0:0:0:0:0:1'],
      ['a.example:443', { servername: 'b.example' }, 'DNS:b.example'],
    ] as const) {
      const peer = await through(daemon, await connect(daemon.port), target, options);
      // It was made by TLS.
      expect((peer.socket as TLSSocket).getPeerCertificate().subjectaltname).toBe(names);
      await peer.send(get('/p/404')).until('404 Not Found');
    }
    expect(daemon.lastLog()).toMatchObject({
      cipher: [expect.any(String), 256, 'TLSv1.3'],
      request: { path: '/p/404' },
    });
  });

  test('a length in the CONNECT takes nothing from the tunnel', async () => {
    const daemon = await startDaemon();
    const peer = await connect(daemon.port);
    const request = 'CONNECT a.example:80 HTTP/1.1\r\nContent-Length: 20\r\n\r\n';
    await peer.send(request + get("/p/200:b'plain'")).until('plain');
    expect(daemon.log()).toHaveLength(1);
  });

  test('with -q the text log has a line for it, and one for the handshake, once', async () => {
    let printed = '';
    const print = (block: string): void => {
      printed += block.replace(/^\S+ \S+ /, '');
    };
    const daemon = await startDaemon({ logRequests: true }, { print });
    const peer = await through(daemon, await connect(daemon.port), 'a.example:443', { servername: 'b.example' });
    for (const path of ['/p/200', '/p/404']) await peer.send(get(path)).until('\r\n\r\n');
    expect(printed.match(/^CONNECT a\.example:443: granted$/gm)).toHaveLength(1);
    expect(printed.match(/^TLS: TLSv1\.3 TLS_\S+ sni=b\.example$/gm)).toHaveLength(1);
    expect(daemon.lastLog()).toMatchObject({ request: { sni: 'b.example', alpn: null } });
  });

  test('a host that no certificate can name is told of', async () => {
    const daemon = await startDaemon();
    await through(daemon, await connect(daemon.port), 'a!b:443', { rejectUnauthorized: false });
    expect(daemon.textLog()).toContain('SSL: no certificate can name "a!b"; the one shown is for "invalid"');
  });

  test('plain HTTP is served as well', async () => {
    const daemon = await startDaemon();
    const peer = await connect(daemon.port);
    await peer.send(granted('a.example:80')).until('\r\n\r\n');
    await peer.send(get("/p/200:b'plain'")).until('plain');
    expect(daemon.lastLog()).toMatchObject({ cipher: null });
  });

  test('all in one go with an end behind it is answered', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    const answer = await peer
      .send(granted('a:1') + granted('b:1') + get("/p/200:b'x'"))
      .end()
      .closed();
    expect(answer.toString().match(/200 Connection established/g)).toHaveLength(2);
    expect(answer.toString()).toMatch(/\r\n\r\nx$/);
  });

  test('a ClientHello byte by byte, and a pause before it', async () => {
    const daemon = await startDaemon();
    const peer = await connect(daemon.port);
    await peer.send(granted('a.example:443')).until('\r\n\r\n');
    for (const byte of Buffer.from('1603010200', 'hex')) {
      peer.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.end().closed();
    expect(await daemon.expectLog(1)).toMatchObject([
      { msg: 'SSL handshake error: the client left in the middle of its ClientHello' },
    ]);
  });

  test('a request behind another one whose answer pauses', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    const requests = get("/p/200:b'first':p0,0.05") + granted('a:1') + get("/p/200:b'last'");
    expect((await peer.send(requests).end().closed()).toString()).toMatch(/first.*200 Connection.*last$/s);
  });

  test('with -C a ClientHello is closed with a line in the log', async () => {
    const daemon = await startDaemon({ noTlsAfterConnect: true });
    await expect(through(daemon, await connect(daemon.port), 'a.example:443')).rejects.toThrow();
    expect(daemon.log()).toMatchObject([
      { msg: 'SSL handshake error: the client began TLS, and this port speaks plain HTTP' },
    ]);
  });

  test('on a TLS port there is TLS in TLS, and in that again', async () => {
    const daemon = await startDaemon({ ssl: true });
    let peer = await openTls(daemon);
    for (const host of ['a.example', 'b.example', 'c.example'])
      peer = await through(daemon, peer, `${host}:443`, { host });
    await peer.send(get("/p/200:b'deep'")).until('deep');
    // Back-pressure goes through all layers.
    await peer.send(get('/p/200:b@3m')).until(3 * 1024 * 1024);
    await daemon.expectLog(2);
    await daemon.stop();
    await peer.closed();
  });

  test('too deep is refused', async () => {
    const daemon = await startDaemon();
    let peer = await connect(daemon.port);
    const dig = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) peer = await through(daemon, peer, 'a.example:443', { host: 'a.example' });
    };
    await expect(dig()).rejects.toThrow();
    expect(daemon.log()).toMatchObject([{ msg: 'SSL handshake error: TLS in TLS, 9 deep' }]);
  });

  test('an end of our side, and a reset, get through', async () => {
    const daemon = await startDaemon();
    const half = await through(daemon, await connect(daemon.port), 'a.example:443', { host: 'a.example' });
    expect((await half.send(get("/p/200:b'0123456789':db+5")).untilEnd()).toString()).toMatch(/\r\n\r\n01234$/);
    const cut = await through(daemon, await connect(daemon.port), 'a.example:443', { host: 'a.example' });
    await cut.send(get("/p/200:b'0123456789':db+5,rst")).closed();
    expect(cut.error?.code).toBe('ECONNRESET');
  });

  test('an authority that cannot be opened is a line in the log, until it can', async () => {
    const directory = join(temporaryDirectory(), 'confdir');
    writeFileSync(directory, 'a file');
    const daemon = await startDaemon({ confdir: directory });
    const peer = await connect(daemon.port);
    await peer.send(granted('a.example:443')).until('\r\n\r\n');
    await peer.send(Buffer.from('1603010200', 'hex')).untilEnd();
    expect(daemon.log()).toMatchObject([
      { type: 'error', msg: expect.stringContaining('certificate authority') as string },
    ]);
  });
});

describe.skipIf(!hasProgram('curl'))('curl', () => {
  test('gets our answers from every site, through a plain proxy and an encrypted one', async () => {
    const directory = join(temporaryDirectory(), 'confdir');
    mkdirSync(directory);
    const [plain, tls] = [
      await startDaemon({ confdir: directory }),
      await startDaemon({ ssl: true, confdir: directory }),
    ];
    expect(existsSync(join(directory, 'mitmproxy-ca.pem'))).toBe(true);
    const ca = join(directory, 'mitmproxy-ca-cert.pem');
    for (const daemon of [plain, tls]) {
      const proxy = daemon.url().replace('127.0.0.1', 'localhost');
      const args = ['--http1.1', '--noproxy', '', '--cacert', ca, '--proxy-cacert', ca, '-x', proxy];
      const ran = await run('curl', ['-sS', ...args, "https://www.example/p/200:b'hello'"]);
      expect(ran).toEqual({ code: 0, stdout: 'hello', stderr: '' });
      expect(daemon.lastLog()).toMatchObject({ request: { sni: 'www.example' } });
    }
  });
});
