import { describe, expect, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { ManualClock } from '../kit/manual-clock.js';

describe('the log of HTTP/2', () => {
  test('has a record of the same shape as that of HTTP/1', async () => {
    const daemon = await startDaemon({ h2c: true }, { clock: new ManualClock(1_000) });
    const peer = await http2Peer(daemon.port);
    peer.request("/p/201:h'a'='b':b'xyz'", [{ name: 'x-one', value: '1' }], { method: 'PUT' });
    expect(await daemon.expectLog(1)).toEqual([
      {
        id: 0,
        type: 'crafted',
        protocol: 'http',
        cipher: null,
        request: {
          method: 'PUT',
          path: "/p/201:h'a'='b':b'xyz'",
          headers: [
            [':method', 'PUT'],
            [':scheme', 'http'],
            [':path', "/p/201:h'a'='b':b'xyz'"],
            [':authority', 'test'],
            ['x-one', '1'],
          ],
          rawHeaders: expect.arrayContaining([[Buffer.from('x-one'), Buffer.from('1')]]) as unknown,
          httpVersion: 'HTTP/2.0',
          firstLineFormat: 'relative',
          remoteAddress: ['127.0.0.1', peer.peer.socket.localPort],
          sni: null,
          alpn: null,
          clientCertificate: null,
        },
        response: {
          type: 'response',
          statusCode: '201',
          reason: null,
          version: 'HTTP/2.0',
          body: 'xyz',
          spec: "201:h'a'='b':b'xyz'",
          started: 1_000,
          duration: 0,
          disconnect: false,
        },
      },
    ]);
  });

  test('tells of the last response of several, and of a frame where there is none', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.ask("/p/103 200:b'end' h2f:tping");
    const [record] = await daemon.expectLog(1);
    expect(record).toMatchObject({ response: { statusCode: '200', body: 'end', spec: "103 200:b'end' h2f:tping" } });
    peer.request("/p/h2f:tping h2f:tdata:b'abc'");
    expect((await daemon.expectLog(2))[0]).toMatchObject({ response: { type: 'frame', body: 'abc' } });
  });

  test('shows what chance decided with --explain', async () => {
    const daemon = await startDaemon({ h2c: true, explain: true });
    const peer = await http2Peer(daemon.port);
    const answer = await peer.ask('/p/200:b@8,ascii_letters');
    const body = answer.slice(-8);
    await peer.ask('/p/200:b@1m');
    const text = daemon.textLog();
    expect(text).toContain(` crafting spec: 200:b@8,ascii_letters\n>> Spec: 200:b'${body}'\n`);
    expect(text).toContain('>> Spec: (too long to show: it stands for more than 65536 bytes)\n');
  });

  test('has the bytes of the frames with --log-requests and --log-responses', async () => {
    const daemon = await startDaemon({ h2c: true, logRequests: true, logResponses: true });
    const peer = await http2Peer(daemon.port);
    const id = peer.request("/p/200:b'x' h2f:tping", [], { method: 'POST', endStream: false });
    peer.core.sendData(id, Buffer.from('body'), { endStream: true });
    await peer.flush().over(id);
    const [record] = await daemon.expectLog(1);
    if (record?.type !== 'crafted') throw new Error('another record');
    const { requestBytes, responseBytes } = record;
    expect(requestBytes?.subarray(-13).toString('hex')).toBe(
      `0000040001${'00000001'}${Buffer.from('body').toString('hex')}`,
    );
    expect(responseBytes?.toString('hex')).toBe(
      ['000005010400000001880f0d0131', '00000100010000000178', '0000080600000000000000000000000000'].join(''),
    );
    expect(daemon.textLog()).toMatch(/Bytes written:\n[^]*Bytes read:\n/);
  });

  test('has every frame with --http2-framedump', async () => {
    const daemon = await startDaemon({ h2c: true, http2Framedump: true });
    const peer = await http2Peer(daemon.port);
    await peer.ask("/p/200:b'x' h2f:tping:p1,0");
    await daemon.waitForSilence();
    const lines = daemon
      .textLog()
      .split('\n')
      .flatMap((line) => / (http2 frame .*)$/.exec(line)?.[1] ?? []);
    expect(lines).toEqual(
      expect.arrayContaining([
        'http2 frame received: settings stream=0 12b enable_push=0 max_header_list_size=65536',
        expect.stringMatching(/^http2 frame received: headers:end_stream\|end_headers stream=1 \d+b$/),
        'http2 frame sent: settings stream=0 12b max_concurrent_streams=128 max_header_list_size=65536',
        'http2 frame sent: settings:ack stream=0 0b',
        'http2 frame sent: headers:end_headers stream=1 5b',
        'http2 frame sent: data:end_stream stream=1 1b',
        'http2 frame sent: ping stream=0 8b 0000000000000000',
      ]),
    );
    expect(daemon.log()).toContainEqual(
      expect.objectContaining({ type: 'http2-frame', direction: 'sent', frame: 'data:end_stream stream=1 1b' }),
    );
  });

  test('tells of a client that leaves in the middle, and of one that complains', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    peer.request('/p/200', [], { method: 'POST', endStream: false });
    peer.core.sendGoaway(2, 0, Buffer.from('sorry'));
    peer.flush().peer.socket.end();
    await daemon.expectLog(2);
    expect(daemon.log()).toMatchObject([
      { type: 'error', msg: 'Disconnect' },
      { type: 'error', msg: 'GOAWAY from the client: internal_error sorry' },
    ]);
  });

  test('has nothing of a client that says goodbye', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.event('settings');
    peer.core.sendGoaway(0);
    peer.flush().peer.socket.end();
    await peer.peer.closed();
    expect(daemon.log()).toEqual([]);
  });
});
