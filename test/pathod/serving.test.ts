import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, get, open, startDaemon } from '../kit/daemon.js';

const hello = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const empty = (code: string): string => `HTTP/1.1 ${code}\r\nContent-Length: 0\r\n\r\n`;

describe('a request', () => {
  test.each<[string, string, string]>([
    ['by an anchor', get('/hello'), hello],
    ['by a spec in its path', get('/p/404'), empty('404 Not Found')],
    ['percent-encoded', get('/p/200%3Ab%22hello%22'), hello],
    ['in absolute form', get('http://elsewhere.test/hello'), hello],
    ['in absolute form, with a spec', get('http://elsewhere.test:80/p/404'), empty('404 Not Found')],
    ['of HTTP/1.0', 'GET /hello HTTP/1.0\r\n\r\n', hello],
    ['with bare line feeds', 'GET /hello HTTP/1.1\n\n', hello],
    ['behind empty lines', `\r\n\r\n${get('/hello')}`, hello],
    ['of any method', 'BREW /hello HTTP/1.1\r\n\r\n', hello],
    ['with a body of a length', 'POST /hello HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', hello],
    [
      'with a chunked body',
      'POST /hello HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n',
      hello,
    ],
    ['with a path of bytes', get('/bytes\xff\x80'), empty('201 Created')],
    ['with a field that is none', get('/hello', 'no colon here'), hello],
  ])('%s is answered', async (_, request, response) => {
    const daemon = await startDaemon({
      anchors: [
        ['/hello', "200:b'hello'"],
        ['/bytes\xff\x80$', '201'],
      ],
    });
    expect(await ask(daemon, request)).toBe(response);
  });

  test('that arrives byte by byte is answered once', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    for (const byte of Buffer.from('POST /p/200:b"hello" HTTP/1.1\r\nContent-Length: 2\r\n\r\nxy')) {
      peer.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await peer.end().closed()).toString()).toBe(hello);
  });

  test('HEAD is answered with whatever the spec says', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, 'HEAD /p/200:b"hello" HTTP/1.1\r\n\r\n')).toBe(hello);
  });
});

describe('a connection', () => {
  test('answers pipelined requests in their order, pauses or not', async () => {
    const daemon = await startDaemon({
      anchors: [
        ['/slow', '201:p0,0'],
        ['/fast', '202'],
      ],
    });
    const requests = ['/slow', '/fast', '/slow', '/p/203', '/fast', 'http://x/slow'].map((path) => get(path)).join('');
    const codes = [...(await ask(daemon, requests)).matchAll(/HTTP\/1.1 (\d+)/g)].map(([, code]) => code);
    expect(codes).toEqual(['201', '202', '201', '203', '202', '201']);
    expect(daemon.log().map((record) => record.id)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  test('answers the same request again and again, and notices when the anchors change', async () => {
    const daemon = await startDaemon({ anchors: [['/x', '201']] });
    const peer = await open(daemon);
    await peer.send(get('/x')).until(empty('201 Created'));
    await peer.send(get('/x')).until(empty('201 Created').repeat(2));
    daemon.removeAnchor('/x');
    daemon.addAnchor('/x', '202');
    await peer.send(get('/x')).until(empty('202 Accepted'));
    expect(daemon.log()).toHaveLength(3);
  });

  test.each(['Connection: close', 'Connection: keep-alive'])('stays open, whatever "%s" asks', async (field) => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    await peer.send(`GET /p/200 HTTP/1.0\r\n${field}\r\n\r\n`).until(empty('200 OK'));
    await peer.send(get('/p/404')).until(empty('404 Not Found'));
    expect(peer.ended).toBe(false);
  });

  test('is closed by d, behind the bytes before it', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(get('/p/200:b"hello":d10') + get('/p/404'));
    expect((await peer.untilEnd()).toString()).toBe('HTTP/1.1 2');
    expect(daemon.log()).toMatchObject([{ response: { statusCode: '200', disconnect: true } }]);
  });

  test('does not wait for the pauses of another', async () => {
    const daemon = await startDaemon();
    const stuck = await open(daemon);
    stuck.send(get('/p/200:b"hello":p10,f'));
    await stuck.until(10);
    expect(await ask(daemon, get('/p/404'))).toBe(empty('404 Not Found'));
    expect(stuck.text).toBe('HTTP/1.1 2');
  });

  test('closes after the client has ended its side and has its answers', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(get('/p/200:b@200k,digits')).end();
    expect((await peer.closed()).length).toBeGreaterThan(200 * 1024);
    expect(peer.error).toBeUndefined();
  });
});

describe('Expect: 100-continue', () => {
  const head = 'POST /p/200:b"hello" HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
  const go = 'HTTP/1.1 100 Continue\r\n\r\n';

  test('is granted before the body is awaited', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    expect((await peer.send(head).until('\r\n\r\n')).toString()).toBe(go);
    expect((await peer.send('abc').end().closed()).toString()).toBe(go + hello);
  });

  test('is not answered when the body is there', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, `${head}abc`)).toBe(hello);
  });

  test('is not answered without a body', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, get('/p/200:b"hello"', 'Expect: 100-continue'))).toBe(hello);
  });
});

describe('CONNECT', () => {
  test('is granted, and the requests that follow are answered', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    await peer.send('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n').until('\r\n\r\n');
    expect(peer.text).toMatch(/^HTTP\/1\.1 200 Connection established\r\nProxy-agent: pathod [\d.]+\r\n\r\n$/);
    await peer.send(get('/p/404')).until(empty('404 Not Found'));
    expect(daemon.log()).toMatchObject([{ request: { path: '/p/404' } }]);
  });

  test('twice, in one chunk with a request', async () => {
    const daemon = await startDaemon();
    const connect = 'CONNECT a:1 HTTP/1.1\r\n\r\n';
    const answer = await ask(daemon, connect + connect + get('/p/404'));
    expect(answer.match(/200 Connection established/g)).toHaveLength(2);
    expect(answer.endsWith(empty('404 Not Found'))).toBe(true);
  });

  test('followed by TLS is closed with a word in the log, when none is expected', async () => {
    const daemon = await startDaemon({ noTlsAfterConnect: true });
    const peer = await open(daemon);
    await peer.send('CONNECT example.com:443 HTTP/1.1\r\n\r\n').until('\r\n\r\n');
    peer.send(Buffer.from('160301020001', 'hex'));
    await peer.untilEnd();
    expect(daemon.log()).toMatchObject([{ type: 'error', msg: expect.stringMatching(/TLS/) as string }]);
  });
});

describe('what cannot be read', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['a line that is no request', 'foo\r\n\r\n', /^Bad HTTP request line: b'foo'$/],
    ['another protocol', 'GET / FOO/1.1\r\n\r\n', /^Unknown HTTP version: b'FOO\/1.1'$/],
    ['a length that is none', 'POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n', /^Unparseable Content Length/],
    ['a chunk without size', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /chunk/i],
    ['a ClientHello', Buffer.from('16030100ff0100', 'hex'), /TLS/],
    ['binary garbage', Buffer.from('00ff80feed0a00', 'hex'), /^Bad HTTP request line: b'\\x00\\xff/],
  ])('%s is logged, and the connection closed without an answer', async (_, bytes, reason) => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(bytes);
    expect((await peer.untilEnd()).toString()).toBe('');
    const [record, ...others] = daemon.log();
    expect(record).toMatchObject({ id: 0, type: 'error', msg: expect.stringMatching(reason) as string });
    expect(others).toEqual([]);
    expect(await ask(daemon, get('/p/404'))).toBe(empty('404 Not Found'));
  });

  test('a body that ends early is logged', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, 'POST /p/200 HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc')).toBe('');
    expect(daemon.log()).toMatchObject([{ type: 'error', msg: 'body cut short: got 3 of 9 bytes' }]);
  });

  test('a client that leaves in a head is logged, one that leaves between requests is not', async () => {
    const daemon = await startDaemon();
    await ask(daemon, 'GET /p/200 HTTP/1.1\r\nHos');
    await ask(daemon, '');
    expect(daemon.log()).toMatchObject([{ type: 'error', msg: 'Disconnect' }]);
  });

  test('an answer that fails midway is logged with what was sent of it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pathod-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, 'shrinks');
    writeFileSync(file, '');
    truncateSync(file, 50 * 1024 * 1024);
    const daemon = await startDaemon({ staticDirectory: directory, logResponses: true });
    const peer = await open(daemon);
    peer.send(get('/p/200:b<shrinks'));
    await peer.until(1000);
    truncateSync(file, 10);
    const sent = await peer.end().closed();
    const [error, crafted] = daemon.log();
    expect(error).toMatchObject({ type: 'error', msg: 'File became shorter while it was sent: shrinks' });
    expect(crafted).toMatchObject({
      type: 'crafted',
      request: { path: '/p/200:b<shrinks' },
      response: { type: 'response', statusCode: '200', disconnect: true },
      responseBytes: sent.subarray(0, 64 * 1024),
    });
    expect(daemon.log()).toHaveLength(2);
  });

  test('a client that resets in the middle of an answer is logged', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(get('/p/200:b@1g'));
    await peer.until(1000);
    peer.socket.resetAndDestroy();
    const log = await daemon.expectLog(2);
    expect(log).toMatchObject([
      { type: 'error', msg: 'Disconnect' },
      { type: 'crafted', response: { disconnect: false } },
    ]);
  });
});
