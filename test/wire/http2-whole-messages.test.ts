import { describe, expect, test } from 'vitest';
import { HpackEncoder } from '../../src/wire/hpack-encoder.js';
import {
  encodeDataFrame,
  encodeHeadersFrame,
  encodePushPromiseFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import { Pair, request } from './http2-pair.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const block = new HpackEncoder().encode([{ name: ':status', value: '200' }], { indexing: 'static' });

describe('a static block', () => {
  test('is the same every time, uses the static table and leaves the dynamic one alone', () => {
    const encoder = new HpackEncoder();
    const fields = [
      { name: ':status', value: '200' },
      { name: 'content-length', value: '5' },
      { name: 'x', value: 'y' },
    ];
    const coding = { indexing: 'static', huffman: 'off' } as const;
    const first = encoder.encode(fields, coding);
    expect(first.toString('hex')).toBe('880f0d01350001780179');
    expect(encoder.encode(fields, coding)).toEqual(first);
    encoder.encode(fields);
    expect(encoder.encode(fields, coding)).toEqual(first);
    expect(encoder.updateIsDue).toBe(false);
    encoder.setTableSize(0);
    expect(encoder.updateIsDue).toBe(true);
  });
});

describe('a whole message', () => {
  function requested(options = {}, count = 1): { pair: Pair; ids: number[] } {
    const pair = new Pair(options);
    const ids = Array.from({ length: count }, () => pair.client.core.openStream());
    for (const id of ids) pair.client.core.sendHeaders(id, request('/'), { endStream: true });
    pair.settle();
    return { pair, ids };
  }

  test('is sent at once where the windows have room, and ends its stream', () => {
    const { pair, ids } = requested({}, 2);
    const [one = 0, two = 0] = ids;
    expect(pair.server.core.sendWhole(one, block, text('hello'))).toBe(true);
    expect(pair.server.core.sendWhole(two, block, Buffer.alloc(0))).toBe(true);
    expect(pair.server.core.openStreams).toEqual([]);
    expect(pair.server.core.sendWhole(one, block, text('again'))).toBe(false);
    pair.settle();
    expect(pair.client.story).toEqual([
      `headers ${one} :status=200`,
      `data ${one} hello`,
      `end ${one}`,
      `headers ${two} :status=200`,
      `end ${two}`,
    ]);
  });

  test.each<[string, object, number]>([
    ['the window of the stream', { settings: { initial_window_size: 10 } }, 11],
    ['a frame', {}, 16385],
  ])('is not when it is more than %s takes', (_, options, length) => {
    const { pair, ids } = requested(options);
    const [id = 0] = ids;
    expect(pair.server.core.sendWhole(id, block, Buffer.alloc(length))).toBe(false);
    expect(pair.server.core.sendWhole(id, block, Buffer.alloc(length - 1))).toBe(true);
  });

  test('is not when a lot waits to be taken, or something on its stream', () => {
    const { pair, ids } = requested({}, 2);
    const [one = 0, two = 0] = ids;
    pair.server.core.sendHeaders(one, [{ raw: block }]);
    pair.server.core.sendData(one, text('x'));
    expect(pair.server.core.isSent(one)).toBe(false);
    expect(pair.server.core.sendWhole(one, block, text('y'))).toBe(false);
    pair.server.core.sendRaw(Buffer.alloc(70_000));
    expect(pair.server.core.outputBytes).toBeGreaterThan(70_000);
    expect(pair.server.core.sendWhole(two, block, text('y'))).toBe(false);
  });

  test('takes from the windows what it has', () => {
    const { pair, ids } = requested({ connectionWindow: 65535 }, 5);
    const sent = ids.map((id) => pair.server.core.sendWhole(id, block, Buffer.alloc(16384)));
    // 65535 bytes are the window of the connection.
    expect(sent).toEqual([true, true, true, false, false]);
  });
});

describe('frames that were sent', () => {
  test('are told of, but not raw ones', () => {
    const told: string[] = [];
    const onSent = (frames: Buffer): void => {
      const reader = new Http2FrameReader();
      reader.receive(Buffer.from(frames));
      for (let frame = reader.next(); frame; frame = reader.next()) told.push(`${frame.type} ${frame.streamId}`);
    };
    const pair = new Pair({}, { onSent });
    const id = pair.client.core.openStream();
    pair.client.core.sendHeaders(id, request('/'), { endStream: true });
    pair.settle();
    pair.server.core.sendHeaders(id, [{ raw: block }]);
    pair.server.core.sendData(id, text('x'), { padding: 3 });
    pair.server.core.sendRaw(Buffer.alloc(9));
    pair.server.core.sendData(id, text('y'), { endStream: true });
    pair.settle();
    expect(told).toEqual(['4 0', '8 0', '4 0', `1 ${id}`, `0 ${id}`, `0 ${id}`]);
  });
});

describe('raw frames that are accounted for', () => {
  function opened(): { pair: Pair; id: number } {
    const pair = new Pair();
    const id = pair.client.core.openStream();
    pair.client.core.sendHeaders(id, request('/'), { endStream: true });
    pair.settle();
    return { pair, id };
  }

  test.each<[string, (id: number) => Buffer]>([
    ['DATA with END_STREAM', (streamId) => encodeDataFrame({ streamId, data: text('x'), endStream: true })],
    ['HEADERS with END_STREAM', (streamId) => encodeHeadersFrame({ streamId, fragment: block, endStream: true })],
    ['RST_STREAM', (streamId) => encodeRstStreamFrame({ streamId, errorCode: 8 })],
  ])('%s end the stream', (_, frame) => {
    const { pair, id } = opened();
    pair.server.core.accountRaw(frame(id));
    expect(pair.server.core.openStreams).toEqual([]);
  });

  test('leave less room in the windows', () => {
    const { pair, id } = opened();
    const frame = encodeDataFrame({ streamId: id, data: Buffer.alloc(16000) });
    for (let i = 0; i < 4; i++) pair.server.core.accountRaw(frame.subarray(0, 9));
    expect(pair.server.core.sendWhole(id, block, Buffer.alloc(1535))).toBe(true);
    const other = opened();
    for (let i = 0; i < 4; i++) other.pair.server.core.accountRaw(frame.subarray(0, 9));
    expect(other.pair.server.core.sendWhole(other.id, block, Buffer.alloc(1536))).toBe(false);
  });

  test.each<[string, (id: number) => Buffer]>([
    ['a stream that was never opened', (streamId) => encodeRstStreamFrame({ streamId, errorCode: 8 })],
    ['the same, by a window', (streamId) => encodeWindowUpdateFrame({ streamId, increment: 1 })],
    [
      'a stream that was promised',
      (promisedStreamId) => encodePushPromiseFrame({ streamId: 1, promisedStreamId, fragment: block }),
    ],
  ])('let the peer speak of %s', (_, frame) => {
    for (const stream of [6, 77]) {
      const { pair } = opened();
      const said = encodeRstStreamFrame({ streamId: stream, errorCode: 1 });
      pair.server.core.accountRaw(frame(stream));
      pair.server.take(said);
      expect(pair.server.error).toBeUndefined();
    }
  });

  test('with settings hold for the peer, and its acknowledgements are expected', () => {
    const { pair, id } = opened();
    const frame = encodeSettingsFrame({ settings: [[5, 20_000]] });
    pair.server.core.accountRaw(frame);
    pair.server.take(encodeSettingsFrame({ ack: true }));
    pair.server.take(Buffer.concat([Buffer.from('004e20ff00', 'hex'), Buffer.alloc(4), Buffer.alloc(20_000)]));
    expect(pair.server.error).toBeUndefined();
    expect(pair.server.core.sendWhole(id, block, text('x'))).toBe(true);
  });

  test('of a client open their stream', () => {
    const pair = new Pair();
    pair.client.core.accountRaw(encodeHeadersFrame({ streamId: 5, fragment: block, endStream: true }));
    expect(pair.client.core.openStreams).toEqual([5]);
    expect(pair.client.core.nextStreamId).toBe(7);
  });

  test('need not make sense', () => {
    const { pair } = opened();
    for (const frame of ['', '00', '0000040300000000', '000006040000000000000500000001', 'ffffff0900ffffffff']) {
      pair.server.core.accountRaw(Buffer.from(frame, 'hex'));
    }
    pair.server.take(Buffer.from('000008060000000000' + '0000000000000000', 'hex'));
    expect(pair.server.error).toBeUndefined();
  });
});
