import { describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/pathod/index.js';
import { HpackEncoder } from '../../src/wire/hpack-encoder.js';
import {
  encodeContinuationFrame,
  encodeDataFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import { connectionPreface } from '../../src/wire/http2-registry.js';
import { connect } from '../kit/connect.js';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { growthDuring } from '../kit/live-memory.js';
import { ManualClock } from '../kit/manual-clock.js';
import type { Peer } from '../kit/peer.js';
import { unhandledDuring } from '../kit/unhandled.js';

// Clients that mean harm: each costs its own connection, a bounded amount of memory, and nothing else.

const start = Buffer.concat([connectionPreface, encodeSettingsFrame({})]);
const mebibyte = 1024 * 1024;

function block(path: string): Buffer {
  const fields = { ':method': 'GET', ':scheme': 'http', ':path': path, ':authority': 'x' };
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value }));
  return new HpackEncoder().encode(parts, { indexing: 'static' });
}

function request(streamId: number, path: string): Buffer {
  return encodeHeadersFrame({ streamId, fragment: block(path), endStream: true });
}

/** Writes as long as the other side takes it; false once it does not for a while, or is gone. */
async function push(peer: Peer, bytes: Buffer): Promise<boolean> {
  const { socket } = peer;
  if (!socket.writable) return false;
  if (socket.write(bytes)) return true;
  const waits = 200;
  for (let i = 0; i < waits && socket.writableNeedDrain && socket.writable; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return socket.writable && !socket.writableNeedDrain;
}

/** Whether somebody else is still served. */
async function servesOthers(daemon: Daemon): Promise<void> {
  const peer = await http2Peer(daemon.port);
  expect(await peer.ask('/p/204')).toBe('204 content-length=0');
}

describe('a client of HTTP/2', { timeout: 60_000 }, () => {
  test('resets every stream at once, and again', async () => {
    const daemon = await startDaemon({ h2c: true, logRecords: 10 });
    const unhandled = await unhandledDuring(async () => {
      const growth = await growthDuring(async () => {
        const peer = await connect(daemon.port);
        peer.send(start);
        let id = 1;
        for (let round = 0; round < 200 && peer.socket.writable; round++) {
          const storm: Buffer[] = [];
          for (let i = 0; i < 200; i++, id += 2) {
            // A large answer, one that pauses, and one of frames: none must go on behind its reset.
            const path = ['/p/200:b@1g', '/p/h2f:tping:p0,1000', '/p/(h2f:tping):x1000000'][i % 3] ?? '';
            storm.push(request(id, path), encodeRstStreamFrame({ streamId: id, errorCode: 8 }));
          }
          if (!(await push(peer, Buffer.concat(storm)))) break;
        }
        peer.socket.destroy();
        await daemon.waitForSilence(30_000);
      });
      expect(growth).toBeLessThan(128 * mebibyte);
    });
    expect(unhandled).toEqual([]);
    await servesOthers(daemon);
  });

  test('never ends a header block', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await connect(daemon.port);
    peer.send(start).send(encodeHeadersFrame({ streamId: 1, fragment: block('/'), endHeaders: false }));
    const more = encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(100, 0x82), endHeaders: false });
    let sent = 0;
    while (!peer.ended && (await push(peer, more))) sent += more.length;
    await peer.closed().catch(() => undefined);
    expect(sent).toBeLessThan(16 * mebibyte);
    expect(daemon.lastLog()).toMatchObject({
      msg: expect.stringMatching(/enhance_your_calm: a header block has/) as string,
    });
    await servesOthers(daemon);
  });

  test('sends empty CONTINUATION frames without end', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await connect(daemon.port);
    const empty = encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: false });
    peer.send(start).send(encodeHeadersFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: false }));
    peer.send(Buffer.concat(Array<Buffer>(5000).fill(empty)));
    await peer.closed().catch(() => undefined);
    expect(daemon.lastLog()).toMatchObject({
      msg: 'GOAWAY to the client: enhance_your_calm: a header block has more than 4096 CONTINUATION frames',
    });
    await servesOthers(daemon);
  });

  test.each<[string, Buffer]>([
    ['PING', encodePingFrame({})],
    ['SETTINGS', encodeSettingsFrame({ settings: [[3, 1]] })],
    ['requests for empty answers', Buffer.alloc(0)],
    ['requests for answers with large heads', Buffer.alloc(0)],
  ])('sends %s without end and reads nothing', async (what, frame) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/head', "200:h'a'=@30k,ascii_letters"]] });
    const peer = await connect(daemon.port);
    const wanted = what.endsWith('heads') ? block('/head') : block('/p/200');
    peer.socket.pause();
    peer.send(start);
    let id = 1;
    let sent = 0;
    const growth = await growthDuring(async () => {
      while (sent < 64 * mebibyte) {
        const frames: Buffer[] = [];
        for (let i = 0; i < 1000; i++, id += 2) {
          frames.push(
            frame.length > 0 ? frame : encodeHeadersFrame({ streamId: id, fragment: wanted, endStream: true }),
          );
        }
        const bytes = Buffer.concat(frames);
        if (!(await push(peer, bytes))) break;
        sent += bytes.length;
      }
    });
    expect(sent).toBeLessThan(64 * mebibyte);
    // What the client could not get rid of is counted too, for it is the same process.
    expect(growth).toBeLessThan(64 * mebibyte);
    peer.socket.destroy();
    await servesOthers(daemon);
  });

  test('sends header lists that are too long, stream after stream', async () => {
    const daemon = await startDaemon({ h2c: true, logRecords: 10 });
    const peer = await http2Peer(daemon.port);
    // A large field in the table, and 126 references to it a request.
    const large = { name: 'x', value: 'y'.repeat(3000) };
    const growth = await growthDuring(async () => {
      for (let i = 0; i < 100; i++) {
        const id = peer.request('/p/200', Array<typeof large>(126).fill(large));
        await peer.over(id);
        expect(peer.answer(id)).toBe(' reset 11 by peer');
      }
    });
    expect(growth).toBeLessThan(64 * mebibyte);
    expect(daemon.lastLog()).toMatchObject({
      msg: expect.stringMatching(/enhance_your_calm: a header list of \d+ bytes is more than 65536/) as string,
    });
    expect(await peer.ask('/p/204')).toBe('204 content-length=0');
  });

  test('sends a request that never ends on every stream it may open', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await http2Peer(daemon.port);
    await peer.event('settings');
    const ids = Array.from({ length: 128 }, () => peer.request('/p/200', [], { method: 'POST', endStream: false }));
    const growth = await growthDuring(async () => {
      for (let round = 0; round < 20; round++) {
        for (const id of ids) peer.core.sendData(id, Buffer.alloc(16384));
        peer.flush();
        await peer.until(() => ids.every((id) => peer.core.isSent(id)));
      }
    });
    expect(growth).toBeLessThan(64 * mebibyte);
    const [first = 0] = ids;
    peer.core.sendData(first, Buffer.alloc(0), { endStream: true });
    await peer.flush().over(first);
    expect(peer.answer(first)).toBe('200 content-length=0');
    expect(await peer.ask('/p/204')).toBe('204 content-length=0');
    const tooMany = Array.from({ length: 200 }, () => peer.request('/p/200', [], { method: 'POST', endStream: false }));
    await peer.over(tooMany.at(-1) ?? 0);
    expect(peer.answer(tooMany.at(-1) ?? 0)).toBe(' reset 7 by peer');
  });

  test('never gives a window, and is given up when it says nothing', async () => {
    const clock = new ManualClock(1e12);
    const daemon = await startDaemon({ h2c: true, timeout: 10 }, { clock });
    const peer = await http2Peer(daemon.port, { settings: { initial_window_size: 0 } });
    const ids = Array.from({ length: 100 }, () => peer.request('/p/200:b@1g'));
    await peer.until(() => ids.every((id) => peer.answer(id).startsWith('200')));
    clock.advance(10_000);
    await peer.event('goaway');
    await daemon.waitForSilence();
    expect(daemon.log().map(({ type }) => type)).toContain('timeout');
  });

  test('does not begin with the preface', async () => {
    const daemon = await startDaemon({ h2c: true });
    const peer = await connect(daemon.port);
    peer.send('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n').send(Buffer.alloc(100));
    await peer.closed().catch(() => undefined);
    expect(daemon.lastLog()).toMatchObject({ type: 'error' });
  });

  test('sends frames that are not what they claim', async () => {
    const daemon = await startDaemon({ h2c: true, logRecords: 100 });
    const frames = [
      encodeDataFrame({ streamId: 1, data: Buffer.from('x') }),
      encodePingFrame({ opaque: Buffer.alloc(7) }),
      encodeSettingsFrame({ settings: [[4, 0xffffffff]] }),
      encodeWindowUpdateFrame({ increment: 0 }),
      encodeHeadersFrame({ streamId: 1, fragment: Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff) }),
      encodeHeadersFrame({ streamId: 2, fragment: block('/') }),
      Buffer.from('ffffff00000000000100', 'hex'),
    ];
    for (const frame of frames) {
      const peer = await connect(daemon.port);
      peer.send(start).send(frame);
      await peer.closed().catch(() => undefined);
    }
    const told = daemon.log().map((record) => (record.type === 'error' ? record.msg : record.type));
    expect(told).toHaveLength(frames.length);
    for (const line of told) expect(line).toMatch(/^GOAWAY to the client: \w+_error: /);
    await servesOthers(daemon);
  });
});
