import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseRequests } from '../../src/language/index.js';
import { exchange } from '../../src/pathoc/exchange.js';
import { Incoming } from '../../src/pathoc/incoming.js';
import { watchGrowth } from '../kit/live-memory.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { pathoc } from './command-line.js';
import { answering, nodeServer } from './servers.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Answers 200, and tells what it was asked for, connection by connection. */
async function counting(): Promise<{ port: number; targets: () => string[][] }> {
  const server = await rawServer((peer) => {
    let answered = 0;
    peer.socket.on('data', () => {
      const heads = peer.text.split('\r\n\r\n').length - 1;
      for (; answered < heads; answered++) peer.send(ok);
    });
  });
  const targets = (): string[][] =>
    server.peers.map(({ text }) => [...text.matchAll(/^\S+ (\S*) HTTP/gm)].map(([, target]) => target ?? ''));
  return { port: server.port, targets };
}

describe('repetitions', () => {
  test('have a connection each, and share it among their specs', async () => {
    const { port, targets } = await counting();
    const { status, out } = await pathoc(['-n', '2', `127.0.0.1:${port}`, 'get:/a:x2', 'get:/b']);
    expect(targets()).toEqual([
      ['/a', '/a', '/b'],
      ['/a', '/a', '/b'],
    ]);
    expect(out).toBe(
      ">> 'GET':/a\n<< 200 OK: 0 bytes\n>> 'GET':/a\n<< 200 OK: 0 bytes\n>> 'GET':/b\n<< 200 OK: 0 bytes\n".repeat(2),
    );
    expect(status).toBe(0);
  });

  test('-n 0 sends nothing, and x0 does not even connect', async () => {
    const { port, targets } = await counting();
    expect(await pathoc(['-n', '0', `127.0.0.1:${port}`, 'get:/'])).toEqual({ status: 0, out: '', err: '' });
    expect(await pathoc([`127.0.0.1:${port}`, 'get:/:x0'])).toEqual({ status: 0, out: '', err: '' });
    expect(targets()).toEqual([]);
  });

  test('-n -1 goes on until the signal', async () => {
    const { port } = await counting();
    const over = new AbortController();
    const { status, out } = await pathoc(['-n', '-1', `127.0.0.1:${port}`, 'get:/'], {
      signal: over.signal,
      seen: (printed) => {
        if (printed.length > 500) over.abort();
      },
    });
    expect(out.length).toBeGreaterThan(500);
    expect(status).toBe(0);
  });

  test('-w waits between them', async () => {
    const { port, targets } = await counting();
    const clock = new ManualClock();
    const run = pathoc(['-n', '2', '-w', '1.5', `127.0.0.1:${port}`, 'get:/'], { clock });
    await clock.untilWaiting(1500);
    expect(targets()).toHaveLength(1);
    clock.advance(1500);
    await run;
    expect(targets()).toHaveLength(2);
  });

  test('-r picks one spec for each', async () => {
    const { port, targets } = await counting();
    const { err } = await pathoc(['-r', '-n', '20', '--seed', '1', `127.0.0.1:${port}`, 'get:/a:x2', 'get:/b']);
    const kinds = new Set(targets().map((connection) => connection.join()));
    expect([...kinds].sort()).toEqual(['/a,/a', '/b']);
    expect(err).toBe('seed 1\n');
  });
});

describe('chance', () => {
  async function sent(argv: string[]): Promise<{ bytes: string[]; err: string }> {
    const server = await rawServer((peer) => peer.send(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`).end());
    const { err } = await pathoc(argv.map((word) => word.replace('HOST', `127.0.0.1:${server.port}`)));
    return {
      bytes: await Promise.all(server.peers.map(async (peer) => (await peer.untilEnd()).toString('latin1'))),
      err,
    };
  }

  test('gives the same bytes for the same seed, case by case', async () => {
    const spec = 'post:/:b@20:ir,@2,digits';
    const three = await sent(['-n', '3', '--seed', '7', 'HOST', spec]);
    const again = await sent(['-n', '2', '--seed', '7', 'HOST', spec]);
    expect(three.bytes.slice(0, 2)).toEqual(again.bytes);
    expect(new Set(three.bytes).size).toBe(3);
    expect(three.err).toBe('seed 7\n');
  });

  test('prints a seed that repeats the run', async () => {
    const first = await sent(['HOST', 'get:/:h@5,digits=@5,digits']);
    const [, seed = ''] = /^seed (\d+)\n$/.exec(first.err) ?? [];
    const second = await sent(['--seed', seed, 'HOST', 'get:/:h@5,digits=@5,digits']);
    expect(second.bytes).toEqual(first.bytes);
  });

  test.each([
    'get:/',
    "get:/:s'200:b@3'",
    "wf:k'abcd'",
    'wf:-mask:bx',
    'get:/:b@0',
    "ws:/:h'sec-websocket-key'='a'",
    "wf:-mask:pa,0:b<'package.json'",
  ])('is not spoken of for %s', async (spec) => {
    expect((await sent(['HOST', spec])).err).toBe('');
  });

  test.each(['ws:/', 'get:/:dr', 'wf', 'wf:mask', "ws:/:h'Sec-WebSocket-Version'='a'"])(
    'is spoken of for %s',
    async (spec) => {
      expect((await sent(['HOST', spec])).err).toMatch(/^seed \d+\n$/);
    },
  );

  test('-e prints what is sent, embedded responses too, and it sends the same again', async () => {
    const { port, targets } = await counting();
    const argv = ['-e', '--seed', '3', `127.0.0.1:${port}`, "get:/:s'200:b@4,digits':h@3,digits='x'"];
    const { out, err } = await pathoc(argv);
    const [, spec = ''] = /^>> (.*)\n<< 200 OK: 0 bytes\n$/.exec(out) ?? [];
    expect(spec).toMatch(
      /^'GET':\/:s'200:b\\x27\d{4}\\x27:h\\x27Content-Length\\x27=\\x274\\x27':h'\d{3}'='x':h'Host'='127\.0\.0\.1'$/,
    );
    expect(err).toBe('seed 3\n');
    await pathoc([`127.0.0.1:${port}`, spec]);
    const [first, second] = targets();
    expect(first?.[0]).toMatch(/^\/200:b'\d{4}':h'Content-Length'='4'$/);
    expect(second).toEqual(first);
  });
});

describe('a replay', () => {
  test.each([
    ['of a handshake', 'ws:/'],
    ['of a frame', "wf:b'x':dr"],
    ['of an embedded frame', "wf:f'wf:mask:b@3'"],
  ])('%s has nothing left to chance', async (_, spec) => {
    const server = await rawServer((peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const first = await pathoc(['-e', '--seed', '1', `127.0.0.1:${server.port}`, spec]);
    expect(first.err).toBe('seed 1\n');
    const [, frozen = ''] = /^>> (.*)\n/.exec(first.out) ?? [];
    const again = await pathoc(['-e', `127.0.0.1:${server.port}`, frozen]);
    expect(again).toEqual({ ...first, err: '' });
  });
});

describe('-m', () => {
  test('never sends the same twice', async () => {
    const { port, targets } = await counting();
    const { err, status } = await pathoc([
      '-m',
      '-n',
      '50',
      '--seed',
      '1',
      `127.0.0.1:${port}`,
      'get:@1,digits',
      'get:/same',
    ]);
    const all = targets().flat();
    expect(new Set(all).size).toBe(all.length);
    expect([...all].sort()).toEqual(['/same', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(err).toBe('seed 1\nMemo limit exceeded: nothing new was found to send\n');
    expect(status).toBe(0);
  });

  test('stops at once where chance has no say', async () => {
    const { port, targets } = await counting();
    const { err } = await pathoc(['-m', '-n', '-1', `127.0.0.1:${port}`, 'get:/:x2', 'get:/b']);
    expect(targets()).toEqual([['/', '/b']]);
    expect(err).toBe('Memo limit exceeded: nothing new was found to send\n');
  });

  test('--memo-limit says how long to look', async () => {
    const { port, targets } = await counting();
    await pathoc(['-m', '--memo-limit', '1', '-n', '-1', '--seed', '2', `127.0.0.1:${port}`, 'get:@1,digits']);
    expect(targets().length).toBeLessThan(10);
  });
});

describe('-I and -o', () => {
  const codes = (list: number[]): string[] => list.map((code) => `HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`);

  test('-I prints nothing of what is answered with these codes', async () => {
    const { port } = await answering([...codes([200, 404]), codes([100, 500]).join('')]);
    const { out } = await pathoc(['-q', '-I', '200, 404,100', `127.0.0.1:${port}`, 'get:/a', 'get:/b', 'get:/c:r']);
    expect(out).toBe(">> 'GET':/c:r\n<< 500 X: 0 bytes\nBytes written:\n\tGET /c HTTP/1.1\r\n\t\r\n\t\n");
  });

  test('-I compares numbers, however many zeros they begin with', async () => {
    const { port } = await answering([
      'HTTP/1.1 0404 X\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 00 X\r\nContent-Length: 0\r\n\r\n',
    ]);
    expect((await pathoc(['-I', '404,0', `127.0.0.1:${port}`, 'get:/:x2'])).out).toBe('');
  });

  test('-o stops after the first answer that is not ignored', async () => {
    const { port } = await answering(codes([200, 404, 200]));
    const { out, status } = await pathoc(['-o', '-n', '5', '-I', '200', `127.0.0.1:${port}`, 'get:/:x3']);
    expect(out).toBe(">> 'GET':/\n<< 404 X: 0 bytes\n");
    expect(status).toBe(0);
  });
});

describe('-t', () => {
  test('gives up, counts as a failure, and ends the connection', async () => {
    const server = await rawServer();
    const { out, status } = await pathoc(['-t', '0.05', `127.0.0.1:${server.port}`, 'get:/', 'get:/b']);
    expect(out).toBe(">> 'GET':/\nTimeout\nNot sent, as the connection is closed: 1 message\n");
    expect(status).toBe(2);
    await (await server.peer()).untilEnd();
  });

  test('with -T goes on over the same connection', async () => {
    const server = await rawServer();
    const { out, status } = await pathoc(['-T', '-t', '0.05', `127.0.0.1:${server.port}`, 'get:/', 'get:/b']);
    expect(out).toBe(">> 'GET':/\nTimeout (ignored)\n>> 'GET':/b\nTimeout (ignored)\n");
    expect(status).toBe(0);
    expect(server.peers).toHaveLength(1);
  });

  test('counts from the last byte, and not while the message itself pauses', async () => {
    const server = await rawServer();
    const clock = new ManualClock();
    const run = pathoc(['-t', '2', `127.0.0.1:${server.port}`, 'get:/:p3,60'], { clock });
    const peer = await server.peer();
    await clock.untilWaiting(60_000);
    clock.advance(60_000);
    await peer.until('\r\n\r\n');
    clock.advance(1000);
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n');
    peer.send('x');
    expect(await run).toEqual({ status: 0, out: ">> 'GET':/:p3,60\n<< 200 OK: 1 bytes\n", err: '' });
    expect(clock.waiting).toEqual([]);
  });

  test('ends the sending of what nobody reads', async () => {
    const server = await rawServer((peer) => peer.socket.pause());
    const { out, status } = await pathoc(['-t', '0.2', '--seed', '1', `127.0.0.1:${server.port}`, 'post:/:b@1g']);
    expect(out).toBe(">> 'POST':/:b@1g\nTimeout\n");
    expect(status).toBe(2);
  });
});

describe('a peer that answers and reads no more', () => {
  async function deaf(): Promise<string> {
    const server = await rawServer((peer) => peer.send(ok).socket.pause());
    return `127.0.0.1:${server.port}`;
  }
  const rest = 'Not sent: the rest of the request, as the peer takes no more of it\n';

  test('has 5 seconds, and then its answer is told', async () => {
    const host = await deaf();
    const clock = new ManualClock();
    const run = pathoc(['--seed', '1', host, 'get:/:b@100m'], { clock });
    await clock.untilWaiting(5000);
    const { out, status } = await withClock(clock, run);
    expect(out).toBe(`>> 'GET':/:b@100m\n<< 200 OK: 0 bytes\n${rest}`);
    expect(status).toBe(0);
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
    expect(clock.waiting).toEqual([]);
  });

  test('leaves what stands behind the message unsent, which is a failure', async () => {
    const { out, status } = await pathoc(['-t', '0.2', '--seed', '1', await deaf(), 'get:/:b@100m', 'get:/:x2']);
    expect(out).toBe(
      `>> 'GET':/:b@100m\n<< 200 OK: 0 bytes\n${rest}Not sent, as the connection is closed: 2 messages\n`,
    );
    expect(status).toBe(2);
  });

  test('gets all of it when it reads on, however long the message pauses', async () => {
    const server = await rawServer((peer) => peer.send(ok));
    const clock = new ManualClock();
    const run = pathoc([`127.0.0.1:${server.port}`, 'get:/:p3,60'], { clock });
    await clock.untilWaiting(5000);
    for (let second = 0; second < 60; second += 5) {
      clock.advance(5000);
      await clock.untilWaiting(5000);
    }
    expect(await withClock(clock, run)).toMatchObject({ status: 0, out: ">> 'GET':/:p3,60\n<< 200 OK: 0 bytes\n" });
    expect((await (await server.peer()).untilEnd()).toString()).toMatch(/^GET \/ .*\r\n\r\n$/s);
  });

  /** Lets time pass while something is waited for. */
  async function withClock<T>(clock: ManualClock, done: Promise<T>): Promise<T> {
    let isDone = false;
    void done.finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
    return done;
  }
});

describe('d', () => {
  test('closes the connection after the bytes before it, and nothing more is sent', async () => {
    const server = await rawServer();
    const { out, status } = await pathoc(['-n', '2', `127.0.0.1:${server.port}`, 'get:/:d5', 'get:/b']);
    expect(out).toBe(
      ">> 'GET':/:d5\nDisconnected, as the request says\nNot sent, as the connection is closed: 1 message\n".repeat(2),
    );
    expect(status).toBe(2);
    expect(await Promise.all(server.peers.map(async (peer) => (await peer.untilEnd()).toString()))).toEqual([
      'GET /',
      'GET /',
    ]);
  });

  test('is no failure when nothing was left to send', async () => {
    const server = await rawServer();
    expect(await pathoc([`127.0.0.1:${server.port}`, 'get:/:da'])).toEqual({
      status: 0,
      out: ">> 'GET':/:da\nDisconnected, as the request says\n",
      err: '',
    });
  });

  test('after the answer is told with it', async () => {
    const { port } = await answering([ok]);
    // The whole request is out when it pauses, and is answered meanwhile.
    const { out } = await pathoc([`127.0.0.1:${port}`, 'get:/:r:pa,1:da']);
    expect(out).toBe(">> 'GET':/:r:pa,1:da\n<< 200 OK: 0 bytes\nDisconnected, as the request says\n");
  });
});

describe('-c', () => {
  test('has the proxy connect, and sends through it', async () => {
    const server = await answering(['HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n', ok]);
    const { out } = await pathoc(['-c', 'example.com:81', `127.0.0.1:${server.port}`, 'get:/']);
    expect(out).toBe(">> 'GET':/\n<< 200 OK: 0 bytes\n");
    const sent = (await (await server.peer()).untilEnd()).toString();
    expect(sent).toBe(
      'CONNECT example.com:81 HTTP/1.1\r\nHost: example.com:81\r\n\r\nGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    );
  });

  test.each([
    ['HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', '403 Forbidden'],
    ['HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n', '503'],
    ['foo\r\n', "Bad HTTP response line: b'foo'"],
  ])('a proxy that answers %j', async (answer, reason) => {
    const { port } = await answering([answer]);
    const run = await pathoc(['-c', 'example.com:81', '-n', '2', `127.0.0.1:${port}`, 'get:/']);
    expect(run).toEqual({ status: 2, out: '', err: `Proxy CONNECT failed: ${reason}\n`.repeat(2) });
  });

  test('a proxy that does not answer in time', async () => {
    const { port } = await rawServer();
    const { err } = await pathoc(['-t', '0.05', '-c', 'example.com:81', `127.0.0.1:${port}`, 'get:/']);
    expect(err).toBe('Proxy CONNECT failed: Timeout\n');
  });
});

test('a directory is no spec', async () => {
  const path = mkdtempSync(join(tmpdir(), 'pathoc-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  expect(await pathoc(['localhost', path])).toEqual({ status: 1, out: '', err: `pathoc: ${path} is a directory\n` });
});

describe('specs from files', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'pathoc-'));
    onTestFinished(() => {
      rmSync(path, { recursive: true });
    });
    return path;
  }

  test('an argument that names one, +path, and file values', async () => {
    const { port, targets } = await counting();
    const path = folder();
    writeFileSync(join(path, 'requests'), 'get:/one\nget:/two\n');
    writeFileSync(join(path, 'value'), '/three');
    const { out } = await pathoc([
      `127.0.0.1:${port}`,
      join(path, 'requests'),
      `+'${path}/requests'`,
      `get:<'${path}/value'`,
    ]);
    expect(targets()).toEqual([['/one', '/two', '/one', '/two', '/three']]);
    expect(out).toContain(`>> 'GET':<'${path}/value'\n`);
  });

  test.each([
    ['a mistake', 'get:/\n\npost:/:q\n', ', line 3: "q" cannot stand here in a request\npost:/:q\n       ^\n'],
    ['nothing', '\n', ', line 1: the spec is empty\n'],
    ['binary garbage', 'get:/\x1b[31m\xff', ', line 1: Spec must be valid ASCII.\nget:/.[31m\ufffd\n          ^\n'],
  ])('%s in one is shown with its place', async (_, text, told) => {
    const path = join(folder(), 'requests');
    writeFileSync(path, Buffer.from(text, 'latin1'));
    expect(await pathoc(['127.0.0.1:1', path])).toEqual({
      status: 1,
      out: '',
      err: `Error parsing request spec: ${path}${told}`,
    });
  });
});

test('events that come in thousands leave timers and signals their turn', async () => {
  const near = new PassThrough();
  const far = new PassThrough();
  const socket = Duplex.from({ readable: near, writable: far.resume() });
  const incoming = new Incoming(socket);
  const line = { socket, incoming, clock: new ManualClock(), timeout: undefined, signal: new AbortController().signal };
  const [message] = parseRequests('get:/:r');
  if (message === undefined) throw new Error('no message');
  const answered = exchange(line, message, message.plan());
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  let turns = 0;
  const count = (): void => {
    turns++;
    timer = setImmediate(count);
  };
  near.write(Buffer.from(`${head}${'1\r\nx\r\n'.repeat(100_000)}0\r\n\r\n`));
  let timer = setImmediate(count);
  const { response } = await answered;
  clearImmediate(timer);
  socket.destroy();
  expect(response?.bodyLength).toBe(100_000);
  expect(turns).toBeGreaterThan(50);
});

describe('memory', () => {
  test('does not grow with the body', async () => {
    const size = 400 * 1024 * 1024;
    const block = Buffer.alloc(1024 * 1024);
    const port = await nodeServer((_, response) => {
      let left = size;
      const more = (): void => {
        while (left > 0) {
          left -= block.length;
          if (!response.write(block)) break;
        }
        if (left === 0) response.end();
        else response.once('drain', more);
      };
      more();
    });
    const growth = watchGrowth();
    const { out } = await pathoc([`127.0.0.1:${port}`, 'get:/']);
    expect(out).toBe(`>> 'GET':/\n<< 200 OK: ${size} bytes\n`);
    expect(growth()).toBeLessThan(64 * 1024 * 1024);
  });
});
