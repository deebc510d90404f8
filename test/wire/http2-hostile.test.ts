import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import {
  encodeContinuationFrame,
  encodeDataFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodePushPromiseFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import { Http2Connection } from '../../src/wire/http2-connection.js';
import { encodeHttp2Frame } from '../../src/wire/http2-frames.js';
import { connectionPreface } from '../../src/wire/http2-registry.js';
import { Pair, request, response, Side } from './http2-pair.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const start = Buffer.concat([connectionPreface, encodeSettingsFrame({})]);
const head = Buffer.from('828684410178', 'hex');
const headers = (streamId: number, endStream = false): Buffer =>
  encodeHeadersFrame({ streamId, fragment: head, endStream });

describe('a server told', () => {
  const says = (...frames: Buffer[]): string[] => {
    const server = new Side({ role: 'server', settings: { max_concurrent_streams: 2 }, maximumContinuations: 10 });
    server.take(Buffer.concat([start, ...frames]));
    return server.story.filter((line) => !line.startsWith('headers'));
  };
  const data = (streamId: number): Buffer => encodeDataFrame({ streamId, data: text('x') });

  test.each<[string, Buffer[], string[]]>([
    ['DATA on an idle stream', [data(1)], ['error protocol_error: DATA on stream 1, which is idle']],
    ['DATA behind END_STREAM', [headers(1, true), data(1)], ['end 1', 'reset 1 stream_closed by us']],
    [
      'DATA on a stream that it reset',
      [headers(1), encodeWindowUpdateFrame({ streamId: 1, increment: 0 }), data(1)],
      ['reset 1 protocol_error by us'],
    ],
    ['a stream id of the wrong side', [headers(2)], ['error protocol_error: HEADERS on stream 2, which is idle']],
    [
      'stream ids that fall',
      [headers(5, true), headers(3)],
      ['end 5', 'error stream_closed: HEADERS on stream 3, which is closed'],
    ],
    ['one stream too many', [headers(1), headers(3), headers(5)], ['reset 5 refused_stream by us']],
    ['trailers that do not end', [headers(1), headers(1)], ['reset 1 protocol_error by us']],
    [
      'CONTINUATION of nothing',
      [encodeContinuationFrame({ streamId: 1, fragment: head })],
      ['error protocol_error: CONTINUATION on stream 1 continues nothing'],
    ],
    [
      'PING within a header block',
      [encodeHeadersFrame({ streamId: 1, fragment: head, endHeaders: false }), encodePingFrame({})],
      ['error protocol_error: the header block of stream 1 is interrupted by another frame'],
    ],
    [
      'a CONTINUATION flood',
      [
        encodeHeadersFrame({ streamId: 1, fragment: head, endHeaders: false }),
        ...Array<Buffer>(20).fill(
          encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: false }),
        ),
      ],
      ['error enhance_your_calm: a header block has more than 10 CONTINUATION frames'],
    ],
    [
      'a bad HPACK index',
      [encodeHeadersFrame({ streamId: 1, fragment: Buffer.of(0xff, 0) })],
      ['error compression_error: HPACK index 127 is not among the 61 of the tables'],
    ],
    [
      'PUSH_PROMISE',
      [encodePushPromiseFrame({ streamId: 1, promisedStreamId: 2, fragment: head })],
      ['error protocol_error: a client sent PUSH_PROMISE'],
    ],
    [
      'RST_STREAM on an idle stream',
      [encodeRstStreamFrame({ streamId: 1, errorCode: 8 })],
      ['error protocol_error: RST_STREAM on stream 1, which is idle'],
    ],
    [
      'a window beyond its end',
      [encodeWindowUpdateFrame({ increment: 0x7fffffff })],
      ['error flow_control_error: the window of the connection grew beyond 2^31 - 1'],
    ],
    [
      "a stream's window beyond its end",
      [headers(1), encodeWindowUpdateFrame({ streamId: 1, increment: 0x7fffffff })],
      ['reset 1 flow_control_error by us'],
    ],
    [
      'a bad setting',
      [encodeSettingsFrame({ settings: [[5, 1]] })],
      ['error protocol_error: a maximum frame size of 1 is not from 16384 to 16777215'],
    ],
    [
      'an oversized frame',
      [encodePingFrame({}, { length: 20000 })],
      ['error frame_size_error: a frame of 20000 bytes is more than 16384'],
    ],
    [
      'a PING flood',
      Array<Buffer>(20_000).fill(encodePingFrame({})),
      [
        ...Array<string>(15419).fill('ping \0\0\0\0\0\0\0\0'),
        'error enhance_your_calm: more than 262144 bytes of answers wait for a peer that does not read',
      ],
    ],
    [
      'a rapid reset storm',
      Array.from({ length: 50 }, (_, i) => [
        headers(2 * i + 1),
        encodeRstStreamFrame({ streamId: 2 * i + 1, errorCode: 8 }),
      ]).flat(),
      Array.from({ length: 50 }, (_, i) => `reset ${2 * i + 1} cancel by peer`),
    ],
  ])('%s', (_, frames, expected) => {
    expect(says(...frames)).toEqual(expected);
  });

  test('more DATA than its windows have room for', () => {
    const server = new Side({ role: 'server', windowUpdates: 'never' });
    const large = encodeDataFrame({ streamId: 1, data: Buffer.alloc(16384) });
    server.take(Buffer.concat([start, headers(1), large, large, large, large]));
    expect(server.story.at(-1)).toMatch(
      'error flow_control_error: the peer sent more DATA than the window of the connection',
    );
  });

  test('HTTP/1 instead of the preface', () => {
    const server = new Side({ role: 'server' });
    server.take(text('GET / HTTP/1.1\r\n\r\n'));
    expect(server.story).toEqual(['error protocol_error: the connection does not begin with the preface of HTTP/2']);
    expect(() => server.core.next()).toThrow(ProtocolError);
    expect(server.core.takeOutput().includes('does not begin with the preface')).toBe(true);
  });

  test('a header list that is too long refuses the stream and no more', () => {
    const pair = new Pair({}, { maximumHeaderListSize: 300 });
    pair.client.core.sendHeaders(1, [...request(), { name: 'a', value: 'x'.repeat(200) }]);
    pair.client.core.sendHeaders(3, request(), { endStream: true });
    pair.settle();
    expect(pair.server.story).toEqual([
      expect.stringMatching('reset 1 enhance_your_calm by us'),
      expect.stringMatching('headers 3'),
      'end 3',
    ]);
  });
});

describe('a lenient core', () => {
  test('tells of broken rules and goes on', () => {
    const server = new Side({ role: 'server', lenient: true });
    const data = encodeDataFrame({ streamId: 1, data: text('x') });
    server.take(
      Buffer.concat([
        connectionPreface,
        encodePingFrame({}),
        data,
        headers(1),
        headers(4),
        data,
        encodeHeadersFrame({ streamId: 1, fragment: Buffer.of(0xff, 0) }),
      ]),
    );
    expect(server.story).toEqual([
      'violation the first frame is not SETTINGS',
      'violation DATA on stream 1, which is idle',
      expect.stringMatching('headers 1'),
      'violation HEADERS on stream 4, which is idle',
      'data 1 x',
      'violation HPACK index 127 is not among the 63 of the tables',
    ]);
    expect(server.core.takeOutput().includes('violation')).toBe(false);
  });
});

test('no bytes make either side throw anything but ProtocolError', () => {
  const frame = fc
    .record({
      type: fc.nat(10),
      flags: fc.nat(0x2d),
      streamId: fc.nat(5),
      payload: fc.oneof(fc.constant(head), fc.uint8Array({ maxLength: 12 }), fc.constant(Buffer.alloc(4, 1))),
    })
    .map((parts) => encodeHttp2Frame(parts));
  const frames = fc.array(frame, { maxLength: 30 });
  fc.assert(
    fc.property(
      frames,
      fc.constantFrom('client', 'server'),
      fc.boolean(),
      fc.uint8Array({ maxLength: 20 }),
      (all, role, lenient, noise) => {
        const core = new Http2Connection({ role, lenient, settings: { enable_push: 1 } });
        core.receive(Buffer.concat([role === 'server' ? start : encodeSettingsFrame({}), ...all, noise]));
        try {
          for (let event = core.next(); event; event = core.next()) {
            if (event.type !== 'headers') continue;
            core.sendHeaders(event.streamId, response());
            core.sendData(event.streamId, Buffer.alloc(10), { endStream: true });
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        while (core.takeOutput().length > 0);
      },
    ),
    { numRuns: 2000 },
  );
});
