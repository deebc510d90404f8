import { describe, expect, test } from 'vitest';
import { describeHttp2Frame } from '../../src/wire/describe-http2-frame.js';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import type { Http2Peer } from '../kit/http2-peer.js';
import { ManualClock } from '../kit/manual-clock.js';

/** The frames that came on a stream, and those of the connection that answer nothing, in order. */
function frames(peer: Http2Peer, id: number): string[] {
  const start = peer.frames.findIndex((frame) => frame.streamId === id);
  return peer.frames.slice(start).map(describeHttp2Frame);
}

const head = "h2f:theaders:h':status'='200'";

describe('raw frames', () => {
  test('are sent in order on the stream of the request', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.ask('/p/204');
    const id = peer.request(`/p/${head} h2f:tping:b'12345678' h2f:tdata:b'a' h2f:tdata:b'b':end_stream`);
    await peer.over(id);
    expect(frames(peer, id)).toEqual([
      `headers:end_headers stream=${id} 1b`,
      'ping stream=0 8b 3132333435363738',
      `data stream=${id} 1b`,
      `data:end_stream stream=${id} 1b`,
    ]);
    expect(await peer.ask('/p/204')).toBe('204 content-length=0');
  });

  test('stand between responses, the last of which ends the stream', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { lenient: true });
    const id = peer.request("/p/200:b'x' h2f:tping 201:b'y' h2f:trst_stream");
    await peer.over(id);
    await peer.ask('/p/204');
    expect(frames(peer, id).slice(0, 6)).toEqual([
      `headers:end_headers stream=${id} 5b`,
      `data stream=${id} 1b`,
      'ping stream=0 8b 0000000000000000',
      `headers:end_headers stream=${id} 8b`,
      `data:end_stream stream=${id} 1b`,
      expect.stringMatching(`rst_stream stream=${id} 4b `),
    ]);
  });

  test('wait for the well-formed message before them, which waits for the window', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { settings: { initial_window_size: 10 }, windowUpdates: 'never' });
    const id = peer.request("/p/200:b'0123456789abc' h2f:tping");
    await peer.until(() => peer.received.get(id) === 10);
    await peer.ask('/p/204');
    expect(frames(peer, id).some((frame) => frame.startsWith('ping'))).toBe(false);
    peer.core.sendWindowUpdate(id, 10);
    peer.flush();
    await peer.event('ping');
    expect(peer.answer(id)).toBe('200 content-length=13 0123456789abc');
  });

  test('pause inside, and nothing else is sent meanwhile', async () => {
    const clock = new ManualClock(1e12);
    const daemon = await startDaemon({ h2c: true }, { clock });
    const peer = await http2Peer(daemon.port);
    const id = peer.request(`/p/${head}:p9,7 h2f:tdata:b'x':end_stream`);
    await clock.untilWaiting(7000);
    const other = peer.request("/p/200:b'quick'");
    const third = peer.request(`/p/${head}:end_stream:p2,3`);
    clock.advance(6999);
    expect(peer.answer(id)).toBe('');
    clock.advance(1);
    await peer.over(id);
    await peer.over(other);
    await clock.untilWaiting(3000);
    clock.advance(3000);
    await peer.over(third);
    expect([id, other, third].map((one) => peer.answer(one))).toEqual(['200 x', '200 content-length=5 quick', '200']);
    expect(peer.failure).toBeUndefined();
  });

  test('close the connection in the middle', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.event('settings');
    const before = peer.peer.socket.bytesRead;
    peer.request(`/p/${head}:d5`);
    await peer.peer.closed();
    expect(peer.core.waiting).toBe(5);
    expect(peer.peer.socket.bytesRead - before).toBeGreaterThanOrEqual(5);
    expect(daemon.log()).toMatchObject([{ type: 'crafted', response: { type: 'frame', disconnect: true } }]);
  });

  test.each<[string, string]>([
    ['that reset the stream', 'h2f:trst_stream'],
    ['that end the stream', `${head}:end_stream`],
    ['on streams that are none', 'h2f:tdata:s99:b"x" h2f:twindow_update:s8:increment9 h2f:trst_stream:s7'],
    ['that promise', "h2f:tpush_promise:h':path'='/x' 200"],
    ['with settings', 'h2f:tsettings:initial_window_size=5 h2f:tsettings:max_frame_size=20000 200'],
    ['in great number', '(h2f:trst_stream h2f:tping):x500'],
    ['of a type that there is none of', "h2f:t0x42:b'abc' 200"],
    ['behind GOAWAY', 'h2f:tgoaway:last99 h2f:tping 200'],
  ])('%s leave the connection consistent', async (_, spec) => {
    const daemon = await startDaemon({ h2c: true });
    // A client that lets everything pass, and answers on every stream that it heard of.
    const peer = await http2Peer(daemon.port, { lenient: true });
    const id = peer.request(`/p/${spec}`);
    await daemon.expectLog(1);
    for (const stream of [2, 7, 8, 99]) {
      if (spec.includes(`s${stream}`)) peer.raw(Buffer.from(`00000403000000000000000008`, 'hex').fill(stream, 8, 9));
    }
    expect(daemon.textLog()).not.toContain('error');
    expect(await peer.ask("/p/200:b'next'")).toBe('200 content-length=4 next');
    peer.core.sendReset(id);
    expect(await peer.ask('/p/204')).toBe('204 content-length=0');
    expect(daemon.log().filter(({ type }) => type === 'error')).toEqual([]);
  });

  test('never end a storm that the client leaves', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port, { forget: true });
    peer.request('/p/(h2f:tping):x1000000');
    await peer.event('ping');
    peer.peer.socket.destroy();
    await daemon.expectLog(2);
    expect(daemon.lastLog()).toMatchObject({ type: 'error', msg: 'Disconnect' });
  });
});
