import { describe, expect, test } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import { pathoc } from './command-line.js';
import { answering, nodeServer } from './servers.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('what came back', () => {
  test.each([
    ['a body', ok, '<< 200 OK: 2 bytes\n'],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '<< 200 : 0 bytes\n'],
    [
      'a reason with control characters',
      'HTTP/1.1 404 a\x01\tb\x7f\r\nContent-Length: 0\r\n\r\n',
      '<< 404 a.\tb.: 0 bytes\n',
    ],
    ['a code of other length', 'HTTP/1.0 7 X\r\nContent-Length: 0\r\n\r\n', '<< 7 X: 0 bytes\n'],
    ['a code with leading zeros', 'HTTP/1.0 0404 X\r\nContent-Length: 0\r\n\r\n', '<< 0404 X: 0 bytes\n'],
    ['a code of zeros', 'HTTP/1.0 000 X\r\nContent-Length: 0\r\n\r\n', '<< 000 X: 0 bytes\n'],
    [
      'a code beyond all numbers',
      'HTTP/1.0 99999999999999999999999 X\r\nContent-Length: 0\r\n\r\n',
      '<< 99999999999999999999999 X: 0 bytes\n',
    ],
    [
      'a chunked body',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n',
      '<< 200 OK: 3 bytes\n',
    ],
    ['no body with 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', '<< 204 No Content: 0 bytes\n'],
    ['no body with 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '<< 304 Not Modified: 0 bytes\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 1\n\nx', '<< 200 OK: 1 bytes\n'],
    [
      'interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}`,
      '<< 100 Continue: 0 bytes\n<< 103 Early Hints: 0 bytes\n<< 200 OK: 2 bytes\n',
    ],
  ])('%s', async (_, answer, lines) => {
    const { port } = await answering([answer]);
    expect(await pathoc([`127.0.0.1:${port}`, 'get:/'])).toEqual({ status: 0, out: `>> 'GET':/\n${lines}`, err: '' });
  });

  test('a body that ends with the connection', async () => {
    const { port } = await answering(['HTTP/1.1 200 OK\r\n\r\nall of it'], { end: true });
    expect((await pathoc([`127.0.0.1:${port}`, 'get:/'])).out).toBe(">> 'GET':/\n<< 200 OK: 9 bytes\n");
  });

  test('no body for HEAD, however the request spells it', async () => {
    const { port } = await answering([
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
      ok,
    ]);
    const { out, status } = await pathoc([`127.0.0.1:${port}`, 'head:/', "'HE':/:i2,'AD'", 'get:/']);
    expect(out).toBe(
      ">> 'HEAD':/\n<< 200 OK: 0 bytes\n>> 'HE':/:i2,'AD'\n<< 200 OK: 0 bytes\n>> 'GET':/\n<< 200 OK: 2 bytes\n",
    );
    expect(status).toBe(0);
  });

  test('byte by byte is the same', async () => {
    const server = await rawServer();
    const run = pathoc([`127.0.0.1:${server.port}`, 'get:/']);
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    for (const byte of Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${ok}`)) {
      await new Promise((resolve) => peer.socket.write(Buffer.of(byte), resolve));
    }
    expect((await run).out).toBe(">> 'GET':/\n<< 100 Continue: 0 bytes\n<< 200 OK: 2 bytes\n");
  });

  test('a server that answers and leaves before it has the whole request', async () => {
    const server = await rawServer((peer) => peer.send('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n').end());
    const { out } = await pathoc([`127.0.0.1:${server.port}`, 'post:/:b@10:p20,f']);
    expect(out).toBe(">> 'POST':/:b@10:p20,f\n<< 413 Too Large: 0 bytes\n");
  });

  test("Node's own server", async () => {
    const port = await nodeServer((request, response) => {
      response.end(`${request.method ?? ''} ${request.headers.host ?? ''}`);
    });
    const { out } = await pathoc([`127.0.0.1:${port}`, 'get:/', "put:/:b'x'"]);
    expect(out).toBe(">> 'GET':/\n<< 200 OK: 13 bytes\n>> 'PUT':/:b'x'\n<< 200 OK: 13 bytes\n");
  });
});

describe('what did not come back', () => {
  const complaints: [name: string, answer: string, complaint: string][] = [
    ['nothing', '', 'Server disconnected'],
    ['half a head', 'HTTP/1.1 200 OK\r\nA: b\r\n', 'Server disconnected after 23 bytes of a response head'],
    ['garbage', 'foo\r\n\r\n', "Bad HTTP response line: b'foo'"],
    ['binary garbage', '\xff\x00\x01\r\n', "Bad HTTP response line: b'\\xff\\x00\\x01'"],
    ['another version', 'HTTP/9.9.9 200 OK\r\n\r\n', "Unknown HTTP version: b'HTTP/9.9.9'"],
    ['a bad header', 'HTTP/1.1 200 OK\r\nbadheader\r\n\r\n', "Invalid header line: b'badheader\\r\\n'"],
    ['a bad length', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n', 'Unparseable Content Length'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'Conflicting Content Length Headers',
    ],
    [
      'a bad chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      "Invalid chunked encoding length: b'zz\\r\\n'",
    ],
    ['a short body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab', 'body cut short: got 2 of 10 bytes'],
    [
      'a short chunked body',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
      'body cut short: got 2 bytes, the last chunk is missing',
    ],
  ];

  test.each(complaints)('%s', async (_, answer, complaint) => {
    const { port } = await answering([answer], { end: true });
    expect(await pathoc([`127.0.0.1:${port}`, 'get:/'])).toEqual({
      status: 2,
      out: `>> 'GET':/\nInvalid server response: ${complaint}\n`,
      err: '',
    });
  });

  test.each([
    ['answers', '\r\nX: y\r\n\r\n', 'more than 1000 informational responses'],
    ['bytes', `\r\nX: ${'y'.repeat(9_999)}\r\n\r\n`, 'more than 1048576 bytes of informational responses'],
  ])('an end of informational answers: too many %s', async (_, rest, complaint) => {
    const block = `HTTP/1.1 100 Continue${rest}`.repeat(100);
    const server = await rawServer((peer) => {
      const more = (): void => {
        while (peer.socket.write(block));
        peer.socket.once('drain', more);
      };
      more();
    });
    const { status, out } = await pathoc([`127.0.0.1:${server.port}`, 'get:/', 'get:/b']);
    const [, last] = /\n(Invalid [^\n]*)\n/.exec(out) ?? [];
    expect(last).toBe(`Invalid server response: ${complaint}`);
    expect(out.split('<< 100 Continue: 0 bytes\n').length - 1).toBeLessThanOrEqual(1000);
    expect(status).toBe(2);
  });

  test('a thousand informational answers are fine', async () => {
    const { port } = await answering(['HTTP/1.1 103 Early\r\n\r\n'.repeat(1000) + ok]);
    const { status, out } = await pathoc([`127.0.0.1:${port}`, 'get:/']);
    expect(out.split('<< 103 Early: 0 bytes\n')).toHaveLength(1001);
    expect(status).toBe(0);
  });

  test('after a failure the rest is not sent, and is counted', async () => {
    const { port } = await answering(['foo\r\n\r\n'], { end: true });
    const { out, status } = await pathoc([`127.0.0.1:${port}`, 'get:/', 'get:/b:x2', 'get:/c']);
    expect(out).toBe(
      ">> 'GET':/\nInvalid server response: Bad HTTP response line: b'foo'\n" +
        'Not sent, as the connection is closed: 3 messages\n',
    );
    expect(status).toBe(2);
  });

  test('a reset', async () => {
    const server = await rawServer();
    const run = pathoc([`127.0.0.1:${server.port}`, 'get:/']);
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    peer.socket.resetAndDestroy();
    expect(await run).toEqual({
      status: 2,
      out: ">> 'GET':/\nInvalid server response: Server disconnected\n",
      err: '',
    });
  });
});

describe('the bytes', () => {
  test('are shown as text with -q and -p', async () => {
    const { port } = await answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\t\x00\xffé\n']);
    const { out } = await pathoc(['-q', '-p', `127.0.0.1:${port}`, "get:/:b'a\\x00b'"]);
    expect(out).toBe(
      ">> 'GET':/:b'a\\x00b'\n<< 200 OK: 5 bytes\n" +
        'Bytes written:\n\tGET / HTTP/1.1\r\n\tContent-Length: 3\r\n\tHost: 127.0.0.1\r\n\t\r\n\ta.b\n' +
        'Bytes read:\n\tHTTP/1.1 200 OK\r\n\tContent-Length: 5\r\n\t\r\n\t\t...\n\t\n',
    );
  });

  test('are shown in hexadecimal with -x', async () => {
    const { port } = await answering(['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n']);
    const { out } = await pathoc(['-qpx', `127.0.0.1:${port}`, 'get:/:r']);
    expect(out).toBe(
      `>> 'GET':/:r
<< 200 : 0 bytes
Bytes written:
\t0000000000 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a GET / HTTP/1.1..
\t0000000010 0d 0a                                           ..
Bytes read:
\t0000000000 48 54 54 50 2f 31 2e 31 20 32 30 30 0d 0a 43 6f HTTP/1.1 200..Co
\t0000000010 6e 74 65 6e 74 2d 4c 65 6e 67 74 68 3a 20 30 0d ntent-Length: 0.
\t0000000020 0a 0d 0a                                        ...
`,
    );
  });

  test('of each answer are its own, however they arrive', async () => {
    const one = 'HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\na';
    const two = 'HTTP/1.1 200 B\r\nContent-Length: 1\r\n\r\nb';
    const { port } = await answering([one + two, '']);
    const { out } = await pathoc(['-p', `127.0.0.1:${port}`, 'get:/:x2']);
    expect(out.replaceAll('\r', '')).toBe(
      ">> 'GET':/\n<< 200 A: 1 bytes\nBytes read:\n\tHTTP/1.1 200 A\n\tContent-Length: 1\n\t\n\ta\n" +
        ">> 'GET':/\n<< 200 B: 1 bytes\nBytes read:\n\tHTTP/1.1 200 B\n\tContent-Length: 1\n\t\n\tb\n",
    );
  });

  test('are shown when the answer is not valid', async () => {
    const { port } = await answering(['foo\r\n\r\n']);
    const { out } = await pathoc(['-p', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toBe(
      ">> 'GET':/\nInvalid server response: Bad HTTP response line: b'foo'\nBytes read:\n\tfoo\r\n\t\r\n\t\n",
    );
  });

  test('beyond 16 MiB are counted only', async () => {
    const size = 17 * 1024 * 1024;
    const port = await nodeServer((_, response) => {
      response.setHeader('Content-Length', size).end(Buffer.alloc(size, 'x'));
    });
    const { out } = await pathoc(['-p', `127.0.0.1:${port}`, 'get:/']);
    expect(out).toContain(`<< 200 OK: ${size} bytes\n`);
    expect(out).toMatch(/\n\t\(and 10\d{5} bytes more\)\n$/);
    expect(out.length).toBeLessThan(size);
  });
});
