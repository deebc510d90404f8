import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Daemon } from '../../src/pathod/index.js';
import { connect } from '../kit/connect.js';
import { ask, get, open, startDaemon } from '../kit/daemon.js';
import type { Peer } from '../kit/peer.js';
import { runProgram } from '../kit/program.js';
import { unhandledDuring } from '../kit/unhandled.js';

// Clients that mean harm, or know no better: each costs its own connection, and nothing else.

const fine = 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n';

/** Whether somebody else is still served. */
async function servesOthers(daemon: Daemon): Promise<void> {
  expect(await ask(daemon, get('/p/204'))).toBe(fine);
}

/** Runs `act` against a daemon, and makes sure that nothing was left to chance. */
async function withDaemon(act: (daemon: Daemon) => Promise<void>): Promise<void> {
  const daemon = await startDaemon();
  expect(await unhandledDuring(() => act(daemon))).toEqual([]);
  await servesOthers(daemon);
}

describe('a hostile client', { timeout: 60_000 }, () => {
  test('sends heads a byte at a time over many connections, and never ends them', () =>
    withDaemon(async (daemon) => {
      const peers = await Promise.all(Array.from({ length: 200 }, () => open(daemon)));
      for (const byte of 'GET /p/200 HTTP/1.1\r\nX-Slow: lor') {
        for (const peer of peers) peer.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await servesOthers(daemon);
      for (const peer of peers) peer.send('is\r\n\r\n');
      await Promise.all(peers.map((peer) => peer.until('200 OK')));
    }));

  test('sends a header line of 1 MiB, and is answered', () =>
    withDaemon(async (daemon) => {
      expect(await ask(daemon, get('/p/204', `X: ${'x'.repeat(1024 * 1024)}`))).toBe(fine);
    }));

  test.each([
    ['in a header line', `GET / HTTP/1.1\r\nX: `],
    ['in a request line', 'GET /'],
    ['in no line at all', ''],
  ])('sends without end %s, and is turned away', (_, start) =>
    withDaemon(async (daemon) => {
      const peer = await open(daemon);
      const piece = Buffer.alloc(64 * 1024, 'x');
      peer.send(start);
      for (let sent = 0; sent < 64 && !peer.ended && peer.socket.writable; sent++) {
        if (!peer.socket.write(piece)) await new Promise((resolve) => setImmediate(resolve));
      }
      await peer.untilEnd();
      expect(daemon.lastLog()).toMatchObject({ type: 'error' });
      peer.socket.destroy();
    }),
  );

  test('pipelines 100,000 requests, and has 100,000 answers', () =>
    withDaemon(async (daemon) => {
      const peer = await open(daemon);
      const batch = Buffer.from(get('/p/204').repeat(1000));
      for (let i = 0; i < 100; i++) peer.send(batch);
      peer.end();
      await servesOthers(daemon);
      const answers = await peer.closed();
      expect(answers.length).toBe(100_000 * fine.length);
      expect(answers.subarray(-fine.length).toString()).toBe(fine);
    }));

  test.each([
    ['requests', get('/p/200:b@10k', `X: ${'x'.repeat(1000)}`)],
    ['CONNECTs', `CONNECT host:1 HTTP/1.1\r\nX: ${'x'.repeat(1000)}\r\n\r\n`],
  ])('pipelines %s and does not read, so that it is not read from either', (_, request) =>
    withDaemon(async (daemon) => {
      const peer = await open(daemon);
      peer.socket.pause();
      const batch = Buffer.from(request.repeat(1000));
      for (let i = 0; i < 100; i++) peer.send(batch);
      for (let i = 0; i < 20; i++) await servesOthers(daemon);
      // The systems of both sides hold some megabytes; the rest waits with the client.
      expect(peer.socket.writableLength).toBeGreaterThan(0);
      peer.socket.destroy();
    }),
  );

  test('resets connections in the middle of everything', () =>
    withDaemon(async (daemon) => {
      const beginnings = [
        '',
        'GET /p/2',
        get('/p/200:b@1g'),
        get('/p/200:p5,f'),
        'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx',
      ];
      const peers = await Promise.all(
        Array.from({ length: 100 }, async (_, i): Promise<Peer> => (await open(daemon)).send(beginnings[i % 5] ?? '')),
      );
      await servesOthers(daemon);
      for (const peer of peers) peer.socket.resetAndDestroy();
      await daemon.waitForSilence(20_000);
    }));

  test('ends its side and waits', () =>
    withDaemon(async (daemon) => {
      const expected: [request: string, answer: RegExp][] = [
        ['', /^$/],
        ['GET /p/2', /^$/],
        [get('/p/200:b@300k,digits'), /\d{307200}$/],
        [get('/p/204:p5,0'), /204 No Content/],
        // It is taken to have left, or this would wait forever.
        [get('/p/200:p5,f'), /^HTTP\/$/],
      ];
      for (const [request, answer] of expected) expect(await ask(daemon, request)).toMatch(answer);
    }));

  test('sends random bytes', () =>
    withDaemon(async (daemon) => {
      const token = fc.constantFrom(
        'GET ',
        '/p/200',
        ' HTTP/1.1',
        '\r\n',
        '\n',
        'Content-Length: 3',
        '\0',
        '\xff',
        ':',
        '0',
      );
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
        fc.array(token, { maxLength: 30 }).map((tokens) => Buffer.from(tokens.join(''), 'latin1')),
      );
      await fc.assert(
        fc.asyncProperty(bytes, async (garbage) => {
          const peer = await connect(daemon.port, { allowHalfOpen: true });
          await peer.send(garbage).end().closed();
        }),
        { numRuns: 300 },
      );
    }));

  test('sends random specs', () =>
    withDaemon(async (daemon) => {
      const piece = fc.constantFrom(
        '200',
        'ws',
        'wf',
        ':',
        'b',
        '@',
        '9',
        'k',
        '"',
        "'",
        'x',
        ',',
        'h',
        '=',
        'p0,0',
        'd',
        'r',
        'i',
        '<',
        '%',
        '%ff',
        'f',
        'c1',
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
          // Pauses forever aside: they are what they are meant to be.
          const spec = pieces.join('');
          if (/p\d*,f/.test(spec)) return;
          await ask(daemon, get(`/p/${spec}`));
        }),
        { numRuns: 500 },
      );
    }));
});

/** What a process has in memory. */
function megabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'))?.[1]) / 1024;
}

describe('memory', { timeout: 120_000 }, () => {
  /** By how many megabytes a daemon in a process of its own grows, garbage that it has not collected yet included. */
  async function growth(act: (daemon: { port: number }) => Promise<void>): Promise<number> {
    const program = runProgram('pathod/main.ts', ['-p', '0']);
    const port = Number((await program.until(/listening on \('127\.0\.0\.1', (\d+)\)/))[1]);
    const warm = await connect(port, { allowHalfOpen: true });
    await warm.send(get('/p/200:b@9').repeat(1000)).end().closed();
    const pid = program.child.pid ?? 0;
    const before = megabytes(pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, megabytes(pid))), 20);
    onTestFinished(() => {
      clearInterval(watch);
    });
    await act({ port });
    clearInterval(watch);
    expect(program.child.exitCode).toBeNull();
    return Math.max(most, megabytes(pid)) - before;
  }

  test.skipIf(process.platform !== 'linux').each<[string, number, (port: number) => Promise<void>]>([
    [
      'a gigabyte that is read',
      192,
      async (port) => {
        const peer = await connect(port);
        let received = 0;
        peer.socket.removeAllListeners('data').on('data', (chunk: Buffer) => (received += chunk.length));
        peer.send(get('/p/200:b@1g:da'));
        await peer.closed();
        expect(received).toBeGreaterThan(1024 ** 3);
      },
    ],
    [
      'gigabytes that nobody reads',
      192,
      async (port) => {
        const peers = await Promise.all(Array.from({ length: 50 }, () => connect(port)));
        for (const peer of peers) {
          peer.socket.pause();
          peer.send(get('/p/200:b@1g'));
        }
        // Time for the daemon to send all that it would, and proof that it serves others meanwhile.
        for (let i = 0; i < 200; i++) expect((await fetch(`http://127.0.0.1:${String(port)}/p/200`)).status).toBe(200);
        for (const peer of peers) peer.socket.destroy();
      },
    ],
    [
      'heads that are large, and kept by the log',
      256,
      async (port) => {
        const peer = await connect(port, { allowHalfOpen: true });
        const request = Buffer.from(get('/p/204', `X: ${'x'.repeat(1024 * 1024)}`));
        for (let i = 0; i < 400; i++) {
          peer.send(request);
          await peer.until((i + 1) * fine.length);
        }
      },
    ],
    [
      '8,000 specs, none like another',
      128,
      async (port) => {
        const peer = await connect(port, { allowHalfOpen: true });
        for (let i = 0; i < 8_000; i++) peer.send(get(`/p/204:h'X${String(i)}'='y':h'a'=@2k,ascii_letters`));
        peer.end();
        await peer.closed();
        expect(peer.received.length).toBeGreaterThan(8_000 * 2048);
      },
    ],
  ])('is bounded: %s', async (_, bound, act) => {
    expect(await growth(({ port }) => act(port))).toBeLessThan(bound);
  });
});

afterAll(() => {
  // Whatever these tests did, nothing of it is left.
  expect(process.getActiveResourcesInfo().filter((name) => /TCP/.test(name))).toEqual([]);
});
