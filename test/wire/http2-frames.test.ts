import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { describeHttp2Frame } from '../../src/wire/describe-http2-frame.js';
import {
  encodeContinuationFrame,
  encodeDataFrame,
  encodeGoawayFrame,
  encodeHeaderBlock,
  encodeHeadersFrame,
  encodePingFrame,
  encodePriorityFrame,
  encodePushPromiseFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import { encodeHttp2Frame, encodeHttp2FrameHeader, Http2FrameReader } from '../../src/wire/http2-frames.js';
import type { Http2Payload } from '../../src/wire/http2-payload.js';
import { decodeHttp2Payload } from '../../src/wire/http2-payload.js';
import { flagNames, frameTypeName, http2ErrorName, settingName } from '../../src/wire/http2-registry.js';
import { bytewise, cut } from './drive.js';

/** Frames out of chunks. */
function frames(chunks: readonly Buffer[], maximumFrameSize = 16384): Http2Frame[] {
  const reader = new Http2FrameReader({ maximumFrameSize });
  const found: Http2Frame[] = [];
  for (const chunk of chunks) {
    reader.receive(chunk);
    for (let frame = reader.next(); frame; frame = reader.next()) found.push(frame);
  }
  return found;
}

function only(bytes: Buffer): Http2Frame {
  const [frame] = frames([bytes], 0xffffff);
  if (frame === undefined) throw new Error('no whole frame');
  return frame;
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

/** Bytes of a frame, by hand from RFC 9113, section 6, and what it says. */
const cases: [hex: string, encoded: Buffer, said: Http2Payload, described: string][] = [
  [
    '000005000100000001' + '68656c6c6f',
    encodeDataFrame({ streamId: 1, data: text('hello'), endStream: true }),
    { type: 'data', data: text('hello'), endStream: true, padding: undefined },
    'data:end_stream stream=1 5b',
  ],
  [
    '000008000800000003' + '0268656c6c6f0000',
    encodeDataFrame({ streamId: 3, data: text('hello'), padding: 2 }),
    { type: 'data', data: text('hello'), endStream: false, padding: Buffer.alloc(2) },
    'data:padded stream=3 8b',
  ],
  [
    '000009012d00000001' + '01800000030f8284' + 'ff',
    encodeHeadersFrame({
      streamId: 1,
      fragment: Buffer.of(0x82, 0x84),
      endStream: true,
      priority: { exclusive: true, dependency: 3, weight: 16 },
      padding: Buffer.of(0xff),
    }),
    {
      type: 'headers',
      fragment: Buffer.of(0x82, 0x84),
      endStream: true,
      endHeaders: true,
      priority: { exclusive: true, dependency: 3, weight: 16 },
      padding: Buffer.of(0xff),
    },
    'headers:end_stream|end_headers|padded|priority stream=1 9b',
  ],
  [
    '000005020000000005' + '00000003ff',
    encodePriorityFrame({ streamId: 5, exclusive: false, dependency: 3, weight: 256 }),
    { type: 'priority', exclusive: false, dependency: 3, weight: 256 },
    'priority stream=5 5b',
  ],
  [
    '000004030000000005' + '00000008',
    encodeRstStreamFrame({ streamId: 5, errorCode: 8 }),
    { type: 'rst_stream', errorCode: 8 },
    'rst_stream stream=5 4b cancel',
  ],
  [
    '00000c040000000000' + '000300000064' + '002affffffff',
    encodeSettingsFrame({
      settings: [
        [3, 100],
        [42, 0xffffffff],
      ],
    }),
    {
      type: 'settings',
      ack: false,
      settings: [
        [3, 100],
        [42, 0xffffffff],
      ],
    },
    'settings stream=0 12b max_concurrent_streams=100 0x2a=4294967295',
  ],
  [
    '000000040100000000',
    encodeSettingsFrame({ ack: true }),
    { type: 'settings', ack: true, settings: [] },
    'settings:ack stream=0 0b',
  ],
  [
    '000006050400000001' + '00000002' + '8284',
    encodePushPromiseFrame({ streamId: 1, promisedStreamId: 2, fragment: Buffer.of(0x82, 0x84) }),
    {
      type: 'push_promise',
      promisedStreamId: 2,
      fragment: Buffer.of(0x82, 0x84),
      endHeaders: true,
      padding: undefined,
    },
    'push_promise:end_headers stream=1 6b promised=2',
  ],
  [
    '000008060100000000' + '6465616462656566',
    encodePingFrame({ opaque: text('deadbeef'), ack: true }),
    { type: 'ping', ack: true, opaque: text('deadbeef') },
    'ping:ack stream=0 8b 6465616462656566',
  ],
  [
    '00000a070000000000' + '0000001e' + '00000063' + '6869',
    encodeGoawayFrame({ lastStreamId: 30, errorCode: 99, debug: text('hi') }),
    { type: 'goaway', lastStreamId: 30, errorCode: 99, debug: text('hi') },
    "goaway stream=0 10b last=30 0x63 b'hi'",
  ],
  [
    '000004080000000032' + '000003e8',
    encodeWindowUpdateFrame({ streamId: 50, increment: 1000 }),
    { type: 'window_update', increment: 1000 },
    'window_update stream=50 4b +1000',
  ],
  [
    '000001090000000001' + '82',
    encodeContinuationFrame({ streamId: 1, fragment: Buffer.of(0x82), endHeaders: false }),
    { type: 'continuation', fragment: Buffer.of(0x82), endHeaders: false },
    'continuation stream=1 1b',
  ],
  [
    '0000012a4180000007' + '21',
    encodeHttp2Frame({ type: 0x2a, flags: 0x41, streamId: 7, reserved: true, payload: text('!') }),
    { type: 'other' },
    '0x2a:0x41 stream=7 reserved 1b',
  ],
];

describe('a frame', () => {
  test.each(cases)('%s', (hex, encoded, said, described) => {
    expect(encoded.toString('hex')).toBe(hex);
    const frame = only(encoded);
    expect(decodeHttp2Payload(frame)).toEqual(said);
    expect(describeHttp2Frame(frame)).toBe(described);
  });

  test('takes any header: type, flags, length, reserved bit and stream', () => {
    const overrides = { type: 0x42, flags: 0xff, length: 0xabcdef, reserved: true, streamId: 0x7fffffff };
    expect(encodePingFrame({ opaque: text('xy') }, overrides).toString('hex')).toBe('abcdef42ff' + 'ffffffff' + '7879');
  });

  test('takes padding whose count is a lie', () => {
    const frame = encodeDataFrame({ streamId: 1, data: text('a'), padding: { claimed: 200, bytes: Buffer.of(1) } });
    expect(frame.toString('hex')).toBe('000003000800000001' + 'c86101');
    expect(() => decodeHttp2Payload(only(frame))).toThrow('DATA of 3 bytes claims 200 bytes of padding');
  });

  test.each([{ length: 2 ** 24 }, { type: 256 }, { flags: -1 }, { streamId: 2 ** 31 }, { streamId: 0.5 }])(
    'has no room for %o',
    (wrong) => {
      const header = { length: 0, type: 0, flags: 0, reserved: false, streamId: 0, ...wrong };
      expect(() => encodeHttp2FrameHeader(header)).toThrow(TypeError);
    },
  );
});

describe('a header block', () => {
  test.each([1, 2, 3, 5, 100])('split into fragments of %i bytes', (fragmentSize) => {
    const block = text('abcde');
    const all = frames([encodeHeaderBlock({ streamId: 1, block, endStream: true, fragmentSize })]);
    const said = all.map((frame) => decodeHttp2Payload(frame));
    const fragments = said.map((payload) => ('fragment' in payload ? payload.fragment : Buffer.alloc(0)));
    expect(Buffer.concat(fragments)).toEqual(block);
    expect(said.map(({ type }) => type)).toEqual(['headers', ...Array<string>(all.length - 1).fill('continuation')]);
    expect(said.map((payload) => 'endHeaders' in payload && payload.endHeaders)).toEqual(
      all.map((_, i) => i === all.length - 1),
    );
    expect(all).toHaveLength(Math.ceil(5 / fragmentSize));
  });
});

describe('the reader', () => {
  const anyFrame = fc.record({
    type: fc.nat(255),
    flags: fc.nat(255),
    reserved: fc.boolean(),
    streamId: fc.nat(0x7fffffff),
    payload: fc.uint8Array({ maxLength: 60 }),
  });

  test('finds any frames, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat()), (written, places) => {
        const bytes = Buffer.concat(written.map((frame) => encodeHttp2Frame(frame)));
        for (const chunks of [[bytes], bytewise(bytes), cut(bytes, places)]) {
          const read = frames(chunks);
          expect(
            read.map(({ type, flags, reserved, streamId, payload }) => ({
              type,
              flags,
              reserved,
              streamId,
              payload: [...payload],
            })),
          ).toEqual(written.map((frame) => ({ ...frame, payload: [...frame.payload] })));
          expect(Buffer.concat(read.map((frame) => frame.bytes))).toEqual(bytes);
        }
      }),
    );
  });

  test('gives views of what it received', () => {
    const bytes = encodePingFrame({});
    expect(only(bytes).payload.buffer).toBe(bytes.buffer);
  });

  test('refuses a frame that is too long as soon as its header is there', () => {
    const header = encodeHttp2FrameHeader({ length: 16385, type: 0, flags: 0, reserved: false, streamId: 1 });
    expect(frames([header], 16385)).toEqual([]);
    expect(() => frames([header])).toThrow('a frame of 16385 bytes is more than 16384');
    expect(() => frames([text('HTTP/1.1 400 Bad Request')])).toThrow('it looks like HTTP/1');
  });

  test('takes a large frame byte by byte in linear work', () => {
    const bytes = encodeDataFrame({ streamId: 1, data: Buffer.alloc(1024 * 1024) });
    expect(frames(bytewise(bytes), 0xffffff)).toHaveLength(1);
  });
});

test('payloads throw nothing but ProtocolError', () => {
  const frame = fc.record({
    type: fc.nat(12),
    flags: fc.nat(255),
    streamId: fc.nat(3),
    payload: fc.uint8Array({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(frame, (parts) => {
      const read = only(encodeHttp2Frame(parts));
      expect(describeHttp2Frame(read)).toMatch(/^[a-z_0-9|:x]+ stream=/);
      try {
        decodeHttp2Payload(read);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('names', () => {
  expect([frameTypeName(9), frameTypeName(0xb), settingName(6), settingName(7)]).toEqual([
    'continuation',
    undefined,
    'max_header_list_size',
    undefined,
  ]);
  expect([http2ErrorName(11), http2ErrorName(0xff)]).toEqual(['enhance_your_calm', '0xff']);
  expect([flagNames(1, 0x2d), flagNames(6, 3), flagNames(0x99, 1)]).toEqual([
    ['end_stream', 'end_headers', 'padded', 'priority'],
    ['ack', '0x02'],
    ['0x01'],
  ]);
});
