import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, get, startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { watchGrowth } from '../kit/live-memory.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const page = (text: string): string => `800 content-length=${text.length + 14} pathod error: ${text}`;

describe('a request over HTTP/2', () => {
  test.each<[string, string, string]>([
    ['by an anchor', '/hello', '200 content-length=5 hello'],
    ['by a spec in its path', '/p/404', '404 content-length=0'],
    ['percent-encoded', '/p/200%3Ab%22hello%22', '200 content-length=5 hello'],
    ['raw', "/p/200:r:b'hello'", '200 hello'],
    ['with fields and trailers', "/p/200:h'a'='b':b'x':t'c'='d'", '200 a=b content-length=1 trailer=c x c=d'],
    ['with several responses', "/p/103:h'link'='</a>' 200:b'x'", '103 link=</a> 200 content-length=1 x'],
    [
      'with a body of many frames',
      '/p/200:b@40000,ascii',
      expect.stringMatching(/^200 content-length=40000 .{40000}$/s) as string,
    ],
    [
      'with a bad spec',
      '/p/200:q',
      expect.stringMatching(/^800 content-length=\d+ pathod error: Error parsing response spec: "q" cannot/) as string,
    ],
    ['of nothing', '/else', page('HTTP/2 only supports request/response with the craft anchor point: /p/')],
    ['of an empty spec', '/p/', page('HTTP/2 only supports request/response with the craft anchor point: /p/')],
  ])('%s is answered', async (_, path, answer) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/hello', "200:b'hello'"]] });
    const peer = await http2Peer(daemon.port);
    expect(await peer.ask(path)).toEqual(answer);
    expect(await peer.ask('/hello')).toBe('200 content-length=5 hello');
  });

  test.each<[string, object, string, string]>([
    ['nocraft', { nocraft: true }, '/p/200', 'Crafting disabled.'],
    ['a size limit', { limitSize: 100 }, '/p/200:b@200', 'Response too large.'],
    ['a size limit, and repetition', { limitSize: 100 }, '/p/h2f:tping:x10', 'Response too large.'],
    ['nohang', { nohang: true }, '/p/h2f:tping:p1,5', 'Pauses have been disabled.'],
    ['no static directory', {}, '/p/200:b<x', 'File access denied.'],
  ])('is refused by %s, and the connection goes on', async (_, options, path, reason) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/hello', '204']], ...options });
    const peer = await http2Peer(daemon.port);
    expect(await peer.ask(path)).toBe(page(reason));
    expect(daemon.lastLog()).toMatchObject({ type: 'crafted', response: { type: 'error', msg: reason } });
    expect(await peer.ask('/hello')).toBe('204 content-length=0');
  });

  test('by CONNECT is refused at once, for a tunnel has no end', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    const id = peer.core.openStream();
    peer.core.sendHeaders(id, [
      { name: ':method', value: 'CONNECT' },
      { name: ':authority', value: 'example.com:443' },
    ]);
    await peer.flush().over(id);
    expect(peer.answer(id)).toBe(page('CONNECT is served over HTTP/1 only'));
    expect(daemon.lastLog()).toMatchObject({ request: { method: 'CONNECT', firstLineFormat: 'authority' } });
  });

  test('without a path is reset, and logged', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    const id = peer.core.openStream();
    peer.core.sendHeaders(id, [{ name: ':method', value: 'GET' }], { endStream: true });
    await peer.flush().over(id);
    expect(peer.answer(id)).toBe(' reset 1 by peer');
    expect(daemon.lastLog()).toMatchObject({ type: 'error', msg: 'Malformed request on stream 1: no :path' });
  });

  test('has its body and its trailers read before it is answered, and leave given if it asks', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    const id = peer.request('/p/200', [{ name: 'expect', value: '100-continue' }], {
      method: 'POST',
      endStream: false,
    });
    await peer.event('headers');
    for (let sent = 0; sent < 3_000_000; sent += 100_000) peer.core.sendData(id, Buffer.alloc(100_000));
    peer.core.sendHeaders(id, [{ name: 'sum', value: '1' }], { endStream: true });
    await peer.flush().over(id);
    expect(peer.answer(id)).toBe('100 200 content-length=0');
  });

  test('reads a spec anew that stands in a file, and shows what a file held', async () => {
    const directory = temporaryDirectory();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${directory}/spec`, "200:b'one'");
    const daemon = await startDaemon({ h2c: true, staticDirectory: directory });
    const peer = await http2Peer(daemon.port);
    expect(await peer.ask('/p/+spec')).toBe('200 content-length=3 one');
    writeFileSync(`${directory}/spec`, '201:b<two');
    writeFileSync(`${directory}/two`, '2');
    expect(await peer.ask('/p/+spec')).toBe('201 content-length=1 2');
    expect(daemon.lastLog()).toMatchObject({ response: { statusCode: '201', body: '2' } });
  });
});

describe('an anchor', () => {
  test('need be valid in one protocol only, and the other gives its error', async () => {
    const daemon = await startDaemon({
      h2c: true,
      anchors: [
        ['/one', '200:d0'],
        ['/two', 'h2f:tping 200'],
      ],
    });
    const peer = await http2Peer(daemon.port);
    expect(await peer.ask('/one')).toMatch(/^800 .*Error parsing response spec: /);
    expect(await peer.ask('/two')).toBe('200 content-length=0');
    expect(await ask(daemon, get('/two'))).toMatch(/^HTTP\/1.1 800 Parse Error\r\n.*Error parsing response spec: /s);
  });

  test('that is valid in none is refused with the error of the grammar that understood more', async () => {
    await expect(startDaemon({ anchors: [['/x', 'h2f:tnonsense']] })).rejects.toThrow(
      /Invalid spec in anchor \/x: .*nonsense/,
    );
    await expect(startDaemon({ anchors: [['/x', '200:d0:q']] })).rejects.toThrow(
      /Invalid spec in anchor \/x: "q" cannot/,
    );
  });
});

describe('data', () => {
  test('is what HTTP/1 serves for the same spec, seed and time', async () => {
    const daemon = await startDaemon({ h2c: true, seed: 'same' });
    const peer = await http2Peer(daemon.port);
    for (let i = 0; i < 2; i++) {
      const [, body] = (await ask(daemon, get('/p/200:b@100,ascii'))).split('\r\n\r\n');
      expect(await peer.ask('/p/200:b@100,ascii')).toBe(`200 content-length=100 ${String(body)}`);
    }
  });

  test('of any size is sent within the windows and in constant memory', { timeout: 60_000 }, async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { forget: true, settings: { initial_window_size: 1024 * 1024 } });
    const growth = watchGrowth();
    const size = 256 * 1024 * 1024;
    const id = peer.request('/p/200:b@256m');
    await peer.over(id);
    expect(peer.received.get(id)).toBe(size);
    expect(growth()).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('streams', () => {
  test('do not wait for one another', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { settings: { initial_window_size: 1000 }, windowUpdates: 'never' });
    const stuck = Array.from({ length: 50 }, () => peer.request('/p/200:b@1m'));
    await peer.until(() => stuck.every((id) => peer.received.get(id) === 1000));
    expect(await peer.ask("/p/200:b'quick'")).toBe('200 content-length=5 quick');
    const [first = 0] = stuck;
    peer.core.sendWindowUpdate(first, 2_000_000);
    peer.core.sendWindowUpdate(0, 2_000_000);
    await peer.flush().over(first);
    expect(peer.received.get(first)).toBe(1024 * 1024);
  });

  test('by the hundred are all answered by a client of Node', async () => {
    const daemon = await startDaemon({ h2c: true });
    const client = connectHttp2(daemon.url());
    onTestFinished(() => {
      client.destroy();
    });
    const bodies = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        const stream = client.request({ ':path': `/p/200:b'${i}'` });
        let body = '';
        stream.setEncoding('latin1').on('data', (text: string) => (body += text));
        await once(stream, 'end');
        return body;
      }),
    );
    expect(bodies).toEqual(bodies.map((_, i) => String(i)));
  });

  test('that the client resets are sent no more of', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { forget: true, connectionWindow: 2 ** 31 - 1 });
    const id = peer.request('/p/200:b@1t');
    await peer.until(() => (peer.received.get(id) ?? 0) > 100_000);
    expect(daemon.log()).toEqual([]);
    peer.core.sendReset(id);
    peer.flush();
    await daemon.waitForSilence();
    expect(daemon.lastLog()).toMatchObject({ type: 'crafted', response: { disconnect: true } });
    expect(daemon.textLog()).toContain(`Stream ${id} was reset by the client: cancel\n`);
    expect(await peer.ask('/p/204')).toBe('204 content-length=0');
  });
});

describe('a connection', () => {
  test('that the client half-closes gets the answers that need nothing more from it', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    const { socket } = peer.peer;
    socket.allowHalfOpen = true;
    const id = peer.request("/p/h2f:theaders:h':status'='200':p9,0.05 h2f:tdata:b'x':end_stream");
    socket.end();
    await peer.over(id);
    expect(peer.answer(id)).toBe('200 x');
    await peer.peer.closed();
    expect(daemon.log()).toHaveLength(1);
  });

  test('on which answers wait for windows that cannot grow any more is closed', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { settings: { initial_window_size: 10 }, windowUpdates: 'never' });
    const id = peer.request('/p/200:b@100');
    peer.peer.socket.end();
    await peer.peer.closed();
    expect(peer.received.get(id)).toBe(10);
    expect(
      daemon
        .log()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['crafted', 'error']);
  });

  test('that breaks the rules gets GOAWAY, and a line in the log', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.event('settings');
    // DATA on a stream that was never opened.
    peer.raw(Buffer.from('000001' + '00' + '00' + '00000063' + '78', 'hex'));
    const goaway = await peer.event('goaway');
    expect([goaway.errorCode, goaway.debug.toString()]).toEqual([1, 'DATA on stream 99, which is idle']);
    await peer.peer.closed();
    expect(daemon.lastLog()).toMatchObject({
      msg: 'GOAWAY to the client: protocol_error: DATA on stream 99, which is idle',
    });
  });

  test('is over when the daemon stops, whatever is under way', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    peer.request('/p/200:b@1t');
    peer.request('/p/h2f:tping:p3,f');
    peer.request('/p/h2f:tping:p3,f');
    await peer.event('headers');
    await daemon.stop();
    await peer.peer.closed();
  });
});
