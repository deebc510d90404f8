import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError, OptionError, TimeoutError } from '../../src/errors.js';
import { Daemon } from '../../src/pathod/index.js';
import type { CraftedRecord, LogRecord } from '../../src/pathod/index.js';
import { connect } from '../kit/connect.js';
import { ask, get, open, startDaemon } from '../kit/daemon.js';
import { ManualClock } from '../kit/manual-clock.js';
import { unhandledDuring } from '../kit/unhandled.js';

function crafted(record: LogRecord | undefined): CraftedRecord {
  if (record?.type !== 'crafted') throw new Error(`not a crafted record: ${record?.type ?? 'none'}`);
  return record;
}

describe('a daemon', () => {
  test('listens on loopback, any port, and says where', async () => {
    const daemon = await startDaemon();
    expect(daemon.host).toBe('127.0.0.1');
    expect(daemon.port).toBeGreaterThan(0);
    const base = `http://127.0.0.1:${String(daemon.port)}`;
    expect(daemon.url()).toBe(base);
    expect(daemon.url('/x?y')).toBe(`${base}/x?y`);
    expect(daemon.url('x')).toBe(`${base}/x`);
    expect(daemon.p('200:b"x"')).toBe(`${base}/p/200%3Ab%22x%22`);
  });

  test.each([
    ['::1', '[::1]'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
  ])('on %s is reached at %s', async (address, host) => {
    const daemon = await startDaemon({ address });
    expect(daemon.url()).toBe(`http://${host}:${String(daemon.port)}`);
    expect((await fetch(daemon.p('204'))).status).toBe(204);
  });

  test('serves with another prefix', async () => {
    const daemon = await startDaemon({ craftPrefix: '/craft%20here/' });
    expect((await fetch(daemon.p('204'))).status).toBe(204);
    expect((await fetch(daemon.url('/p/204'))).status).toBe(800);
  });

  test.each<[Parameters<typeof Daemon.start>[0], string]>([
    [{ port: -1 }, 'port takes a whole number from 0 to 65535, not -1'],
    [{ nohan: true } as never, 'unknown option nohan, did you mean nohang?'],
    [{ pidFile: 'x' } as never, 'unknown option pidFile'],
    [{ anchors: ['/x'] }, 'Invalid anchor specification: /x'],
    [{ anchors: [['/x']] as never }, 'an anchor is a pair of a pattern and a spec'],
    [{ anchors: [['/[', '200']] }, 'Invalid regex in anchor: /['],
    [{ anchors: [['/x', '200:q']] }, 'Invalid spec in anchor /x: "q" cannot stand here in a response'],
    [{ anchors: [['/x', '200:b<none']] }, 'Invalid spec in anchor /x: File access disabled.'],
    [{ anchors: [['/x', "wf:k'abc'"]] }, 'Invalid spec in anchor /x: '],
    [{ staticDirectory: '/does/not/exist' }, 'static directory /does/not/exist cannot be read'],
    [{ limitSize: '1x' }, 'Invalid size specification.'],
    [{ seed: {} as never }, 'seed takes a number or a text'],
    [{ seed: '' }, 'seed takes a number or a text, not an empty one'],
    [{ seed: NaN }, 'seed takes a number or a text, not NaN'],
    [{ seed: Infinity }, 'seed takes a number or a text, not Infinity'],
    [{ address: '' }, 'address takes an address or a host name, not an empty text'],
    [{ craftPrefix: 'p/' }, 'the craft prefix begins with "/"'],
    [{ craftPrefix: '/a b/' }, 'the craft prefix begins with "/"'],
    [{ anchors: { '/x': '200' } as never }, 'anchors takes a list of pairs of a pattern and a spec'],
  ])('with %o does not start', async (options, message) => {
    const refusal = Daemon.start(options);
    await expect(refusal).rejects.toThrow(OptionError);
    await expect(refusal).rejects.toThrow(message);
  });

  test.each([null, 5, 'x', []])('with %j for its options does not start', async (options) => {
    const refusal = Daemon.start(options as never);
    await expect(refusal).rejects.toThrow(TypeError);
    await expect(refusal).rejects.toThrow('the options of a daemon are an object');
  });

  test('takes text alone for specs and paths', async () => {
    const daemon = await startDaemon();
    expect(() => daemon.p(undefined as never)).toThrow(new TypeError('a spec is a text, not undefined'));
    expect(() => daemon.url(5 as never)).toThrow(new TypeError('a path is a text, not number'));
  });

  test('tells its URLs after it was stopped, and takes no anchor any more', async () => {
    const daemon = await startDaemon();
    const url = daemon.p('204');
    await daemon.stop();
    expect(daemon.p('204')).toBe(url);
    expect(() => daemon.addAnchor('/x', '204')).toThrow(TypeError);
    expect(() => daemon.addAnchor('/x', '204')).toThrow('the daemon was stopped');
  });

  test.each<[string, boolean]>([
    ["200:b'x'", false],
    ["200:p1,f:d2:i3,'x'", false],
    ['ws', false],
    ["wf:b'x'", false],
    ['200:b@5', true],
    ['200:b@1t', true],
    ["200:h@3='x'", true],
    ['200:dr', true],
    ["wf:mask:b'x'", true],
  ])('with the one anchor %s uses chance: %j', async (spec, expected) => {
    const daemon = await startDaemon({ nocraft: true, anchors: [['/x', spec]] });
    expect(daemon.usesChance).toBe(expected);
  });

  test('that crafts uses chance', async () => {
    expect((await startDaemon()).usesChance).toBe(true);
    expect((await startDaemon({ nocraft: true })).usesChance).toBe(false);
  });

  test('shows where the spec of an anchor is wrong', async () => {
    const refusal = Daemon.start({ anchors: [[/x/, '200:b"x":q']] });
    await expect(refusal).rejects.toMatchObject({ marked: '200:b"x":q\n         ^' });
  });

  test('does not start on a port in use', async () => {
    const { port } = await startDaemon();
    const refusal = Daemon.start({ port });
    await expect(refusal).rejects.toThrow(ConnectionError);
    await expect(refusal).rejects.toThrow(`cannot listen on 127.0.0.1:${String(port)}: the port is in use`);
  });

  test('stops with all its connections, more than once, and leaves nothing behind', async () => {
    const before = process.getActiveResourcesInfo();
    const unhandled = await unhandledDuring(async () => {
      const daemon = await Daemon.start({ timeout: 1000 });
      const peers = await Promise.all(Array.from({ length: 4 }, () => connect(daemon.port)));
      peers[0]?.send('GET /p/20');
      peers[1]?.send(get('/p/200:p0,f'));
      peers[2]?.send(get('/p/200:b@1g'));
      await peers[2]?.until(1000);
      await Promise.all([daemon.stop(), daemon.stop(), daemon.waitForSilence()]);
      await daemon.stop();
      await Promise.all(peers.map((peer) => peer.closed()));
      await new Promise((resolve) => setImmediate(resolve));
    });
    const after = process.getActiveResourcesInfo();
    // The test runner has timers of its own, which may have ended meanwhile.
    for (const name of before) if (after.includes(name)) after.splice(after.indexOf(name), 1);
    expect(after).toEqual([]);
    expect(unhandled).toEqual([]);
  });

  test('is stopped by await using', async () => {
    let url: string;
    {
      await using daemon = await Daemon.start();
      url = daemon.p('204');
      expect((await fetch(url)).status).toBe(204);
    }
    await expect(fetch(url)).rejects.toThrow();
  });

  test('is one of many', async () => {
    const daemons = await Promise.all(
      Array.from({ length: 20 }, (_, i) => startDaemon({ anchors: [['/', String(200 + i)]] })),
    );
    const codes = await Promise.all(daemons.map(async (daemon) => (await fetch(daemon.url())).status));
    expect(codes).toEqual(daemons.map((_, i) => 200 + i));
    for (const daemon of daemons) expect(daemon.log()).toHaveLength(1);
  });
});

describe('anchors', () => {
  test('are tried in order, before the prefix', async () => {
    const daemon = await startDaemon({ anchors: ['/p/over=203', ['/a', '201'], [/\/ab/, '202']] });
    const status = async (path: string): Promise<number> => (await fetch(daemon.url(path))).status;
    expect(await status('/p/overlay')).toBe(203);
    expect(await status('/abc')).toBe(201);
    expect(await status('/b/a')).toBe(800);
    expect(daemon.anchors).toEqual([
      ['/p/over', '203'],
      ['/a', '201'],
      [/\/ab/, '202'],
    ]);
  });

  test('are added and removed while it runs', async () => {
    const daemon = await startDaemon({ anchors: [['/a', '201']] });
    const status = async (): Promise<number> => (await fetch(daemon.url('/a'))).status;
    const added = daemon.addAnchor('/', '202');
    expect(await status()).toBe(201);
    expect(daemon.removeAnchor('/a')).toBe(true);
    expect(await status()).toBe(202);
    added.remove();
    added.remove();
    expect(await status()).toBe(800);
    expect(daemon.removeAnchor('/a')).toBe(false);
    {
      using _ = daemon.addAnchor(/\/A/i, '203');
      expect(await status()).toBe(203);
    }
    expect(daemon.anchors).toEqual([]);
    expect(() => daemon.addAnchor('/a', '200:q')).toThrow(OptionError);
  });

  test('may name a file that holds the spec', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pathod-test-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const [good, bad] = [join(directory, 'good'), join(directory, 'bad')];
    writeFileSync(good, "204:h'a'='b'\n");
    writeFileSync(bad, '200\n:b"x"\n:q');
    const daemon = await startDaemon({ anchors: [['/x', good]] });
    expect((await fetch(daemon.url('/x'))).status).toBe(204);
    expect(() => daemon.addAnchor('/y', bad)).toThrow(`Invalid spec in anchor /y: ${bad}, line 3: `);
    await expect(startDaemon({ staticDirectory: directory, anchors: [['/y', '+bad']] })).rejects.toThrow(
      'bad, line 3: ',
    );
  });

  test('with ws need a handshake only when they are served', async () => {
    const daemon = await startDaemon({ anchors: [['/chat', 'ws']] });
    expect(await (await fetch(daemon.url('/chat'))).text()).toContain('No websocket key');
  });
});

describe('the log', () => {
  test('tells what was asked and what was answered', async () => {
    const daemon = await startDaemon({ anchors: [['/x', "201:m'Fine':h'A'='b':b'bod\\x00y':dr"]] });
    const before = Date.now();
    await ask(daemon, 'PUT http://host.test/x?y=%20 HTTP/1.0\r\nA: 1\r\na:2\r\nB: \xff\r\n\r\n');
    const record = crafted(daemon.lastLog());
    expect(record).toMatchObject({
      id: 0,
      type: 'crafted',
      protocol: 'http',
      cipher: null,
      request: {
        method: 'PUT',
        path: '/x?y=%20',
        headers: [
          ['A', '1'],
          ['a', '2'],
          ['B', '\xff'],
        ],
        httpVersion: 'HTTP/1.0',
        firstLineFormat: 'absolute',
        remoteAddress: ['127.0.0.1', expect.any(Number) as number],
        sni: null,
        alpn: null,
        clientCertificate: null,
      },
      response: {
        type: 'response',
        statusCode: '201',
        reason: 'Fine',
        version: 'HTTP/1.1',
        body: 'bod\\x00y',
        spec: expect.stringMatching(/^201:m'Fine':h'A'='b':b'bod\\x00y':d\d+:h'Content-Length'='5'$/) as string,
        disconnect: true,
      },
    });
    expect(record.request.rawHeaders[2]).toEqual([Buffer.from('B'), Buffer.of(0xff)]);
    if (record.response.type !== 'response') throw new Error('expected a response');
    expect(record.response.started).toBeGreaterThanOrEqual(before);
    expect(record.response.duration).toBeGreaterThanOrEqual(0);
    expect(record).not.toHaveProperty('requestBytes');
  });

  test('tells what was sent, not what might have been', async () => {
    const daemon = await startDaemon();
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) sent.push(await (await fetch(daemon.p('200:b@2k,ascii_letters'))).text());
    expect(new Set(sent).size).toBe(5);
    const logged = daemon.log().map((record) => crafted(record).response);
    expect(logged).toMatchObject(sent.reverse().map((body) => ({ body: body.slice(0, 1024) })));
  });

  test.each([
    ['200', null],
    ["200:b''", ''],
    ['200:r', null],
  ])('of %s has the body %j', async (spec, body) => {
    const daemon = await startDaemon();
    await ask(daemon, get(`/p/${spec}`));
    expect(crafted(daemon.lastLog()).response).toMatchObject({ body });
  });

  test('has null for a reason that chance made', async () => {
    const daemon = await startDaemon();
    await ask(daemon, get('/p/200:m@5,digits'));
    expect(crafted(daemon.lastLog()).response).toMatchObject({ reason: null });
  });

  test('of a frame in place of a response', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, get("/p/wf:fin:b'hello'"))).toBe('\x81\x05hello');
    expect(crafted(daemon.lastLog()).response).toMatchObject({ type: 'frame', body: 'hello', spec: "wf:fin:b'hello'" });
  });

  test('has the bytes on request', async () => {
    const daemon = await startDaemon({ logRequests: true, logResponses: true });
    const [first, second] = ['POST /p/201 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab', get("/p/200:b'x'")];
    await ask(daemon, first + second);
    expect(daemon.log()).toMatchObject([
      {
        requestBytes: Buffer.from(second),
        responseBytes: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'),
      },
      {
        requestBytes: Buffer.from(first),
        responseBytes: Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'),
      },
    ]);
  });

  test('has at most 64 KiB of them', async () => {
    const daemon = await startDaemon({ logRequests: true, logResponses: true });
    await ask(daemon, `POST /p/200:b@1m HTTP/1.1\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
    const { requestBytes, responseBytes } = crafted(daemon.lastLog());
    expect([requestBytes?.length, responseBytes?.length]).toEqual([65536, 65536]);
  });

  test('is bounded, cleared, and awaited', async () => {
    const daemon = await startDaemon({ logRecords: 3 });
    const two = daemon.expectLog(2);
    for (const code of [201, 202, 203, 204]) await ask(daemon, get(`/p/${String(code)}`));
    expect(await two).toHaveLength(2);
    expect(daemon.log().map(({ id }) => id)).toEqual([3, 2, 1]);
    daemon.clearLog();
    expect(daemon.log()).toEqual([]);
    expect(daemon.lastLog()).toBeUndefined();
    expect(daemon.textLog()).toBe('');
    await ask(daemon, get('/p/200'));
    expect(daemon.lastLog()?.id).toBe(4);
  });

  test('is not awaited forever', async () => {
    const clock = new ManualClock();
    const daemon = await startDaemon({}, { clock });
    const refusal = expect(daemon.expectLog(2, 300)).rejects.toThrow(
      new TimeoutError('the log has 0 of 2 records after 300 ms'),
    );
    clock.advance(300);
    await refusal;
    const other = expect(daemon.expectLog(1)).rejects.toThrow('when the daemon stopped');
    await daemon.stop();
    await other;
  });
});

describe('silence', () => {
  test('is when nothing is half read and nothing half sent', async () => {
    const clock = new ManualClock();
    const daemon = await startDaemon({ logRequests: true }, { clock });
    await daemon.waitForSilence();
    const idle = await open(daemon);
    await idle.send(get('/p/200')).until('\r\n\r\n');
    await daemon.waitForSilence();

    const reader = await open(daemon);
    reader.send(get('/p/201:p5,9'));
    await reader.until(5);
    const silence = daemon.waitForSilence(60_000);
    await clock.untilWaiting(9000);
    clock.advance(9000);
    await silence;
    await reader.until('201 Created');
  });

  test('is not awaited forever', async () => {
    const clock = new ManualClock();
    const daemon = await startDaemon({}, { clock });
    const peer = await open(daemon);
    peer.send(get('/p/200:p5,f'));
    await peer.until(5);
    const refusal = expect(daemon.waitForSilence(100)).rejects.toThrow('1 connections are still busy after 100 ms');
    clock.advance(100);
    await refusal;
  });
});

describe('a time limit', () => {
  test('closes a connection that is silent', async () => {
    const clock = new ManualClock();
    const daemon = await startDaemon({ timeout: 2 }, { clock });
    const peer = await open(daemon);
    await peer.send(get('/p/200')).until('\r\n\r\n');
    peer.send('GET /p/2');
    await clock.untilWaiting(2000);
    clock.advance(1999);
    expect(daemon.log()).toHaveLength(1);
    clock.advance(1);
    await peer.untilEnd();
    expect(daemon.log()).toMatchObject([{ id: 1, type: 'timeout' }, { type: 'crafted' }]);
    expect(daemon.textLog()).toMatch(/ Timeout\n$/);
  });

  test('does not count while an answer pauses', async () => {
    const clock = new ManualClock();
    const daemon = await startDaemon({ timeout: 2 }, { clock });
    const peer = await open(daemon);
    peer.send(get('/p/200:p10,60'));
    await peer.until(10);
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.until('\r\n\r\n');
    expect(daemon.log()).toMatchObject([{ type: 'crafted' }]);
  });
});

describe('chance', () => {
  const specs = ['200:b@50,ascii_letters', "200:b'xyz':ir,@3,digits", '200:h@5,digits=@300,digits', '200:b@5k:dr'];
  const serve = (daemon: Daemon, spec: string): Promise<string> => ask(daemon, get(`/p/${spec}`));

  test('repeats itself with the seed, whatever else is served', async () => {
    const one = await startDaemon({ seed: 42 });
    const other = await startDaemon({ seed: '42', anchors: [['/first', specs[0] ?? '']] });
    const expected: string[] = [];
    for (const spec of specs) for (let n = 0; n < 3; n++) expected.push(await serve(one, spec));
    await ask(other, get('/p/200:b@99'));
    expect(await ask(other, get('/first'))).toBe(expected[0]);
    const actual: string[] = [expected[0] ?? ''];
    for (const spec of [...specs].reverse()) {
      const served: string[] = [];
      for (let n = spec === specs[0] ? 1 : 0; n < 3; n++) served.push(await serve(other, spec));
      actual.splice(spec === specs[0] ? 1 : 1, 0, ...served);
    }
    expect(actual).toEqual(expected);
    expect(new Set(expected).size).toBe(expected.length);
  });

  test('has a seed that is told, and another one every time', async () => {
    const [one, other] = [await startDaemon(), await startDaemon()];
    expect(one.seed).not.toBe(other.seed);
    const again = await startDaemon({ seed: one.seed });
    expect(await serve(again, '200:b@9')).toBe(await serve(one, '200:b@9'));
    expect(await serve(other, '200:b@9')).not.toBe(await serve(one, '200:b@9'));
  });
});
