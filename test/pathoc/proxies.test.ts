import { describe, expect, test } from 'vitest';
import { Pathoc } from '../../src/pathoc/index.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { socksServer } from '../kit/socks-server.js';
import { answering, nodeServer } from './servers.js';
import { pathoc } from './command-line.js';

const answered = { status: 0, out: ">> 'GET':/\n<< 200 OK: 5 bytes\n", err: '' };
const secure = async (): Promise<number> => httpsServer((await certificateFor()).tlsOptions);
const plain = (): Promise<number> => nodeServer((_, response) => response.end('hello'));

describe('--socks', () => {
  test('connects through the proxy, which looks names up', async () => {
    const proxy = await socksServer({ redirect: await plain() });
    const host = 'known-to-the-proxy.invalid';
    expect(await pathoc(['--socks', `127.0.0.1:${proxy.port}`, host, 'get:/'])).toEqual(answered);
    expect(await pathoc(['--socks', `socks5h://127.0.0.1:${proxy.port}`, '[::1]:81', 'get:/'])).toEqual(answered);
    expect(proxy.requests).toEqual([
      { host, port: 80 },
      { host: '::1', port: 81 },
    ]);
  });

  test('TLS through it, with the name of the server', async () => {
    const proxy = await socksServer({ redirect: await secure() });
    const args = ['-s', '--ca', fileOf(authorityPem), '--socks', `127.0.0.1:${proxy.port}`];
    expect(await pathoc([...args, 'localhost', 'get:/'])).toEqual(answered);
    expect(proxy.requests).toEqual([{ host: 'localhost', port: 443 }]);
    expect((await pathoc([...args, 'other.invalid', 'get:/'])).err).toBe(
      'TLS with other.invalid:443 failed: the certificate is not for other.invalid, but for localhost, 127.0.0.1, ' +
        '0:0:0:0:0:0:0:1\n',
    );
  });

  test('with a user name and a password', async () => {
    const port = await plain();
    const proxy = await socksServer({ credentials: { username: 'ann', password: 'p:@w' }, redirect: port });
    const ask = (credentials: string) =>
      pathoc(['--socks', `${credentials}127.0.0.1:${proxy.port}`, 'a.invalid', 'get:/']);
    expect(await ask('ann:p:@w@')).toEqual(answered);
    const failure = (reason: string) => ({
      status: 2,
      out: '',
      err: `cannot connect through 127.0.0.1:${proxy.port}: the SOCKS proxy ${reason}\n`,
    });
    expect(await ask('ann:wrong@')).toEqual(failure('does not accept the user name and password'));
    expect(await ask('')).toEqual(failure('wants authentication, and no user name was given'));
    await using client = await Pathoc.connect({
      host: 'a.invalid',
      socks: { host: '127.0.0.1', port: proxy.port, credentials: { username: 'ann', password: 'p:@w' } },
    });
    expect((await client.request('get:/')).body.toString()).toBe('hello');
  });

  test('an HTTP proxy behind it', async () => {
    const http = await answering(['HTTP/1.1 200 Yes\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello']);
    const proxy = await socksServer();
    const args = ['--socks', `127.0.0.1:${proxy.port}`, '-c', 'example.com:80'];
    expect(await pathoc([...args, `127.0.0.1:${http.port}`, 'get:/'])).toEqual(answered);
    expect(proxy.requests).toEqual([{ host: '127.0.0.1', port: http.port }]);
  });

  test('refusals by their names', async () => {
    const proxy = await socksServer({ refusal: 'host unreachable' });
    expect(await pathoc(['--socks', `127.0.0.1:${proxy.port}`, 'a.invalid', 'get:/'])).toEqual({
      status: 2,
      out: '',
      err: `cannot connect through 127.0.0.1:${proxy.port}: the SOCKS proxy refused: host unreachable (reply 4)\n`,
    });
  });

  test('what is no SOCKS proxy, or none that answers', async () => {
    const through = async (port: number, ...args: string[]) => {
      const { status, err } = await pathoc(['--socks', `127.0.0.1:${port}`, ...args, 'a.invalid', 'get:/']);
      expect(status).toBe(2);
      return err.replace(String(port), 'PORT');
    };
    expect(await through(await plain())).toMatch(
      /^cannot connect through 127\.0\.0\.1:PORT: not a SOCKS5 proxy: it answered the greeting with b'HTTP\/1\.1 400 Bad'\n$/,
    );
    const leaving = await rawServer((peer) => peer.end());
    expect(await through(leaving.port)).toBe(
      'cannot connect through 127.0.0.1:PORT: the SOCKS proxy closed the connection after the greeting\n',
    );
    const still = await rawServer();
    expect(await through(still.port, '-t', '0.1')).toBe('cannot connect through 127.0.0.1:PORT: Timeout\n');
    await (await still.peer()).untilEnd();
    await still.close();
    expect(await through(still.port)).toBe(
      'Error connecting to proxy 127.0.0.1:PORT: [Errno 111] Connection refused\n',
    );
  });

  test.each(['', ':1', 'a:b', 'user@host:1', ':pass@host:1', 'a:b@', 'host:70000', 'http://host:1'])(
    '%j is none, and is not shown, as it may hold a password',
    async (text) => {
      expect(await pathoc(['--socks', text, 'host', 'get:/'])).toEqual({
        status: 1,
        out: '',
        err: 'pathoc: Invalid SOCKS proxy (write [USER:PASS@]HOST[:PORT])\n',
      });
    },
  );
});

describe('-c', () => {
  test('TLS behind the proxy, with the name of the server and not of the proxy', async () => {
    const port = await secure();
    const proxy = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => {
        // The tunnel of a proxy that speaks no TLS: what comes next is a ClientHello.
        peer.send('HTTP/1.1 200 Yes\r\nProxy-Agent: test\r\n\r\n');
      });
    });
    const asked = pathoc(['-s', '-c', `localhost:${port}`, '-t', '0.3', `127.0.0.1:${proxy.port}`, 'get:/']);
    const hello = await (await proxy.peer()).until((received) => received.length > 300);
    expect(hello.includes('localhost', hello.indexOf('\r\n\r\n'))).toBe(true);
    expect((await asked).err).toBe(`TLS with localhost:${port} failed: no answer within 0.3 s\n`);
  });

  test('--proxy-auth', async () => {
    const server = await answering(['HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n']);
    const run = await pathoc(['-c', 'a.invalid:1', '--proxy-auth', 'ann:p:w', `127.0.0.1:${server.port}`, 'get:/']);
    expect(run).toEqual({ status: 2, out: '', err: 'Proxy CONNECT failed: 407 Proxy Authentication Required\n' });
    expect((await server.peer()).text).toContain(
      `\r\nProxy-Authorization: Basic ${Buffer.from('ann:p:w').toString('base64')}\r\n`,
    );
    expect((await pathoc(['--proxy-auth', 'ann:x', 'host', 'get:/'])).err).toMatch(/CONNECT of -c/);
    expect((await pathoc(['-c', 'a:1', '--proxy-auth', 'ann', 'host', 'get:/'])).err).toBe(
      'pathoc: --proxy-auth takes USER:PASS\n',
    );
  });

  test('a server behind the proxy that speaks first is heard', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
    const { port } = await answering([`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Yes\r\n\r\n${answer}`]);
    expect(await pathoc(['-c', 'a.invalid:1', `127.0.0.1:${port}`, 'get:/'])).toEqual(answered);
  });
});

describe.skipIf(!hasProgram('mitmdump'))('through real mitmproxy', () => {
  test('as an HTTP proxy, with TLS behind CONNECT', async () => {
    const port = await secure();
    const proxy = await mitmdump(temporaryDirectory(), '--proxyauth', 'ann:secret');
    const args = ['-s', '-c', `localhost:${port}`, `127.0.0.1:${proxy}`];
    expect((await pathoc([...args, 'get:/'])).err).toMatch(/^Proxy CONNECT failed: 407 /);
    expect(await pathoc(['--proxy-auth', 'ann:secret', ...args, "get:/:h'Host'='localhost'"])).toEqual({
      ...answered,
      out: answered.out.replace("'GET':/", "'GET':/:h'Host'='localhost'"),
    });
    const { out } = await pathoc(['-S', '--proxy-auth', 'ann:secret', ...args, 'get:/']);
    expect(out).toContain('\tIssuer: \n\t\tCN=mitmproxy\n\t\tO=mitmproxy\n');
  }, 60_000);

  test('as a SOCKS5 proxy', async () => {
    const port = await secure();
    const proxy = await mitmdump(temporaryDirectory(), '--mode', 'socks5');
    expect(await pathoc(['-s', '--socks', `127.0.0.1:${proxy}`, `localhost:${port}`, 'get:/'])).toEqual(answered);
    const http = await plain();
    expect(await pathoc(['--socks', `127.0.0.1:${proxy}`, `127.0.0.1:${http}`, 'get:/'])).toEqual(answered);
  }, 60_000);
});
