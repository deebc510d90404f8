/** Servers that break the rules, or keep to them and mean no good. */
import { describe, expect, test } from 'vitest';
import {
  encodeContinuationFrame,
  encodeDataFrame,
  encodeGoawayFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodePushPromiseFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import { encodeHttp2Frame } from '../../src/wire/http2-frames.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { http2Client, told } from './http2-clients.js';
import { block, craftedServer, data, frameFrom, head, scripted, settings } from './http2-servers.js';
import type { Fields } from './http2-servers.js';

const ok: Fields = [[':status', '200']];

function times(count: number, frame: Buffer): Buffer {
  return Buffer.concat(new Array<Buffer>(count).fill(frame));
}

/** What is told of a request that is answered by these bytes, and by nothing else until the server ends. */
async function toldOf(answer: Uint8Array, { end = true, spec = 'get:/' } = {}): Promise<string[]> {
  const { port } = await craftedServer([answer], { end });
  return (await http2Client(port).exchanges(spec)).flatMap(told);
}

describe('a rule of the connection is broken', () => {
  test.each<[string, Buffer, string]>([
    ['DATA on an idle stream', data(7, 'x'), 'protocol_error: DATA on stream 7, which is idle'],
    ['HEADERS on an idle stream', head(9), 'protocol_error: HEADERS on stream 9, which is idle'],
    ['HEADERS on a stream of its own', head(2), 'protocol_error: HEADERS on stream 2, which is idle'],
    [
      'RST_STREAM on an idle stream',
      encodeRstStreamFrame({ streamId: 5, errorCode: 0 }),
      'protocol_error: RST_STREAM on stream 5, which is idle',
    ],
    [
      'an index that no table has',
      encodeHeadersFrame({ streamId: 1, fragment: Buffer.from('ff80808001', 'hex') }),
      expect.stringMatching(/^compression_error: /) as string,
    ],
    [
      'a header block that is cut short',
      encodeHeadersFrame({ streamId: 1, fragment: Buffer.from('4085', 'hex') }),
      expect.stringMatching(/^compression_error: /) as string,
    ],
    [
      'a frame that is too long',
      encodeHttp2Frame({ type: 0, streamId: 1, length: 16385 }),
      'frame_size_error: a frame of 16385 bytes is more than 16384',
    ],
    [
      'a header block that is interrupted',
      Buffer.concat([encodeHeadersFrame({ streamId: 1, fragment: block(ok), endHeaders: false }), data(1, 'x')]),
      'protocol_error: the header block of stream 1 is interrupted by another frame',
    ],
    [
      'a push that was not allowed',
      Buffer.concat([
        encodeSettingsFrame({ ack: true }),
        encodePushPromiseFrame({ streamId: 1, promisedStreamId: 2, fragment: block([[':path', '/']]) }),
      ]),
      'protocol_error: PUSH_PROMISE, though push is disabled',
    ],
    [
      'a window of more than 2^31 - 1',
      encodeWindowUpdateFrame({ increment: 0x7fffffff }),
      'flow_control_error: the window of the connection grew beyond 2^31 - 1',
    ],
    [
      'CONTINUATION without end',
      Buffer.concat([
        encodeHeadersFrame({ streamId: 1, fragment: block(ok), endHeaders: false }),
        times(6000, encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: false })),
      ]),
      'enhance_your_calm: a header block has more than 4096 CONTINUATION frames',
    ],
    [
      'a header block without end',
      Buffer.concat([
        encodeHeadersFrame({ streamId: 1, fragment: block(ok), endHeaders: false }),
        times(10, encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(16384), endHeaders: false })),
      ]),
      'enhance_your_calm: a header block has more than 131072 bytes',
    ],
    [
      'PING without end',
      times(10_500, encodePingFrame({})),
      'enhance_your_calm: more than 10000 frames that bring no answer',
    ],
    [
      'SETTINGS without end',
      times(10_500, encodeSettingsFrame({ settings: [[2, 0]] })),
      'enhance_your_calm: more than 10000 frames that bring no answer',
    ],
    [
      'frames of no known type without end',
      times(10_500, encodeHttp2Frame({ type: 0xbb })),
      'enhance_your_calm: more than 10000 frames that bring no answer',
    ],
    [
      'empty DATA without end',
      Buffer.concat([head(1), times(10_500, data(1, '', false))]),
      'enhance_your_calm: more than 10000 frames that bring no answer',
    ],
    [
      'nothing but padding',
      Buffer.concat([head(1), times(10_500, encodeDataFrame({ streamId: 1, data: Buffer.alloc(0), padding: 0 }))]),
      'enhance_your_calm: more than 10000 frames that bring no answer',
    ],
  ])('%s', async (_, answer, complaint) => {
    const server = await craftedServer([answer]);
    const { port } = server;
    const client = http2Client(port);
    const lines = (await client.exchanges('get:/')).flatMap(told);
    expect(lines.at(-1)).toEqual(complaint);
    // The server is told why, and the connection is closed in order.
    const one = await server.peer();
    await one.untilEnd();
    expect((await frameFrom(one, 'goaway')).payload.readUInt32BE(4)).toBeGreaterThan(0);
    expect(client.client.ended).toBe(true);
  });

  test('the first frame is not SETTINGS', async () => {
    const { port } = await scripted(async (one) => {
      one.send(encodePingFrame({}));
    });
    expect((await http2Client(port).exchanges('get:/')).flatMap(told)).toEqual([
      'protocol_error: the first frame is not SETTINGS',
    ]);
  });

  test('a server that speaks HTTP/1', async () => {
    const { port } = await rawServer((one) => {
      one.send('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n').end();
    });
    expect((await http2Client(port).exchanges('get:/')).flatMap(told)).toEqual([
      'frame_size_error: a frame of 4740180 bytes is more than 16384; it looks like HTTP/1',
    ]);
  });
});

describe('a rule of the stream is broken, and the connection goes on', () => {
  test.each<[string, Buffer, readonly string[]]>([
    ['no :status', head(1, [['a', 'b']], true), ['a response without :status']],
    ['two of them', head(1, [...ok, ...ok], true), ['a response with two :status fields']],
    [
      'one that is no number',
      head(1, [[':status', '2\x1b0']], true),
      [String.raw`the :status of a response is b'2\x1b0'`],
    ],
    ['DATA before HEADERS', data(1, 'x'), ['protocol_error: DATA before HEADERS on stream 1']],
    [
      'trailers that do not end',
      Buffer.concat([head(1), head(1, [['a', 'b']])]),
      ['protocol_error: trailers on stream 1 do not end it'],
    ],
    [
      'a body that is longer than it says',
      Buffer.concat([head(1, [...ok, ['content-length', '1']]), data(1, 'abc')]),
      ['200 abc', "content-length is b'1', but the body has 3 bytes"],
    ],
    [
      'RST_STREAM in the middle',
      Buffer.concat([head(1), data(1, 'abc', false), encodeRstStreamFrame({ streamId: 1, errorCode: 11 })]),
      ['rst_stream stream=1 4b enhance_your_calm', 'stream 1 was reset after 3 bytes of the body: enhance_your_calm'],
    ],
    [
      'more informational responses than anybody needs',
      times(1001, head(1, [[':status', '103']])),
      [...new Array<string>(1000).fill('103'), 'more than 1000 informational responses'],
    ],
    [
      'more bytes of them than anybody needs',
      times(
        200,
        head(1, [
          [':status', '103'],
          ['a', 'x'.repeat(10_000)],
        ]),
      ),
      [...new Array<string>(104).fill('103'), 'more than 1048576 bytes of informational responses'],
    ],
    [
      'a header list that is too long',
      head(1, [...ok, ...new Array<readonly [string, string]>(3000).fill(['a', 'b'])], true),
      [expect.stringMatching(/^enhance_your_calm: /) as string],
    ],
  ])('%s', async (_, answer, lines) => {
    const { port } = await craftedServer([answer, head(3, ok, true)]);
    const [first, second] = await http2Client(port).exchanges('get:/:x2');
    expect(first && told(first)).toEqual(lines);
    expect(second && told(second)).toEqual(['200 ']);
  });

  test('DATA on a stream that the server had ended', async () => {
    const { port } = await craftedServer([Buffer.concat([head(1, ok, true), data(1, 'x')]), head(3, ok, true)]);
    expect((await http2Client(port).exchanges('get:/:x2')).flatMap(told)).toEqual(['200 ', '200 ']);
  });
});

describe('a server that leaves', () => {
  test.each<[string, Buffer, readonly string[]]>([
    ['without a word', Buffer.alloc(0), ['Server disconnected']],
    [
      'in the middle of a body',
      Buffer.concat([head(1), data(1, 'abc', false)]),
      ['Server disconnected after 3 bytes of the body'],
    ],
    ['in the middle of a frame', head(1).subarray(0, 5), ['Server disconnected after 5 bytes of a frame']],
    [
      'with GOAWAY in the middle of a response',
      Buffer.concat([
        head(1),
        data(1, 'abc', false),
        encodeGoawayFrame({ lastStreamId: 1, errorCode: 2, debug: Buffer.from('bye\x1b') }),
      ]),
      [
        String.raw`goaway stream=0 12b last=1 internal_error b'bye\x1b'`,
        String.raw`Server disconnected after 3 bytes of the body, with GOAWAY internal_error b'bye\x1b'`,
      ],
    ],
    [
      'with GOAWAY instead of a response',
      encodeGoawayFrame({ lastStreamId: 0, errorCode: 11 }),
      ['goaway stream=0 8b last=0 enhance_your_calm', 'the server takes no more requests: GOAWAY enhance_your_calm'],
    ],
  ])('%s', async (_, answer, lines) => {
    expect(await toldOf(answer)).toEqual(lines);
  });

  test('with GOAWAY behind a response: nothing more is asked for', async () => {
    const answer = Buffer.concat([encodeGoawayFrame({ lastStreamId: 1, errorCode: 0 }), head(1, ok, true)]);
    expect(await toldOf(answer, { end: false, spec: 'get:/:x2' })).toEqual([
      'goaway stream=0 8b last=1 no_error',
      '200 ',
      'the server takes no more requests: GOAWAY no_error',
    ]);
  });

  test('while raw frames are sent', async () => {
    const { port } = await scripted(async (one) => {
      one.send(Buffer.concat([settings, encodeGoawayFrame({ lastStreamId: 0, errorCode: 11 })]));
      await one.until(1000);
      one.socket.destroy();
    });
    const lines = (await http2Client(port).exchanges('h2f:tdata:b@8m:x20')).flatMap(told);
    expect(lines.at(-1)).toMatch(/^Server disconnected.*, with GOAWAY enhance_your_calm/);
  });

  test('and owes the answer to a request by hand', async () => {
    const { port } = await craftedServer([Buffer.alloc(0)], { end: true });
    expect(await http2Client(port).story("h2f:theaders:end_stream:h':method'='GET'")).toEqual([
      'ProtocolError: Server disconnected',
    ]);
  });
});

describe('a server that stands still', () => {
  test.each<[string, string, Buffer, readonly string[]]>([
    ['with no room for a body', 'post:/:b@1m', Buffer.alloc(0), ['timeout']],
    ['in the middle of a response', 'get:/', Buffer.concat([head(1), data(1, 'abc', false)]), ['timeout']],
  ])('%s', async (_, spec, answer, lines) => {
    const clock = new ManualClock();
    const server = await scripted(async (one) => {
      one.send(encodeSettingsFrame({ settings: [[4, 0]] }));
      await frameFrom(one, 'headers');
      one.send(answer);
      await frameFrom(one, 'rst_stream');
      one.send(head(3, ok, true));
    });
    const { port } = server;
    const client = http2Client(port, { clock, timeout: 3 });
    const sent = client.exchanges(`${spec} get:/`);
    const one = await server.peer();
    await frameFrom(one, 'settings', 1);
    await clock.untilWaiting(3000);
    clock.advance(3000);
    const [first, second] = await sent;
    expect(first && told(first)).toEqual(lines);
    expect(second && told(second)).toEqual(['200 ']);
  });

  test('but for PING', async () => {
    const clock = new ManualClock();
    const server = await craftedServer([encodePingFrame({})]);
    const sent = http2Client(server.port, { clock, timeout: 3 }).exchanges('get:/');
    const one = await server.peer();
    await frameFrom(one, 'ping');
    await clock.untilWaiting(3000);
    clock.advance(2000);
    one.send(encodePingFrame({}));
    await frameFrom(one, 'ping', 1);
    clock.advance(1000);
    expect((await sent).flatMap(told)).toEqual(['timeout']);
  });

  test('but for a frame that comes in slowly', async () => {
    const clock = new ManualClock();
    const server = await craftedServer([head(1)]);
    const sent = http2Client(server.port, { clock, timeout: 3 }).exchanges('get:/');
    const one = await server.peer();
    await frameFrom(one, 'headers');
    await clock.untilWaiting(3000);
    const frame = data(1, 'slow');
    clock.advance(2000);
    one.send(Buffer.concat([encodePingFrame({}), frame.subarray(0, 3)]));
    await frameFrom(one, 'ping');
    clock.advance(2000);
    one.send(frame.subarray(3));
    expect((await sent).map(({ response }) => response?.bodyLength)).toEqual([4]);
  });

  test('and does not even read', async () => {
    const clock = new ManualClock();
    const server = await rawServer((one) => {
      one.socket.pause();
    });
    const { port } = server;
    const client = http2Client(port, { clock, timeout: 3 });
    const sent = client.exchanges('h2f:tdata:b@15m:x4');
    await server.peer();
    let isOver = false;
    const over = sent.finally(() => (isOver = true));
    while (!isOver) {
      await Promise.race([over, clock.untilWaiting(3000)]);
      clock.advance(3000);
    }
    expect((await sent).flatMap(told)[0]).toBe('timeout');
  });

  test('one that takes no more streams', async () => {
    const clock = new ManualClock();
    const server = await scripted(async (one) => {
      one.send(encodeSettingsFrame({ settings: [[3, 0]] }));
    });
    const { port } = server;
    const client = http2Client(port, { clock, timeout: 3 });
    await frameFrom(await server.peer(), 'settings', 1);
    const sent = client.exchanges('get:/');
    await clock.untilWaiting(3000);
    clock.advance(3000);
    expect((await sent).flatMap(told)).toEqual(['timeout']);
  });
});

test('a push that raw SETTINGS allowed is shown', async () => {
  const promise = encodePushPromiseFrame({ streamId: 1, promisedStreamId: 2, fragment: block([[':path', '/p']]) });
  const { port } = await scripted(async (one) => {
    one.send(settings);
    await frameFrom(one, 'settings', 1);
    one.send(times(2, encodeSettingsFrame({ ack: true })));
    await frameFrom(one, 'headers');
    one.send(Buffer.concat([promise, head(2), data(2, 'pushed'), head(1, ok, true)]));
  });
  const client = http2Client(port, { maximumBody: 100 });
  expect(await client.story('h2f:tsettings:enable_push=1 get:/')).toEqual([
    'settings:ack stream=0 0b',
    expect.stringMatching(/^push_promise:end_headers stream=1 \d+b promised=2$/),
    'stream 2: 200 pushed',
    '200 ',
  ]);
});

test('of a flood of frames that are told, the beginning is kept', async () => {
  const flood = times(3000, encodeRstStreamFrame({ streamId: 1, errorCode: 0 }));
  const { port } = await craftedServer([Buffer.concat([head(1, ok, true), flood]), head(3, ok, true)]);
  const client = http2Client(port);
  const exchanges = await client.exchanges('get:/:x2');
  const arrived = exchanges.map((one) => one.arrived);
  expect(arrived.reduce((sum, { list, omitted }) => sum + list.length + omitted, 0)).toBe(3000);
  expect(Math.max(...arrived.map(({ list }) => list.length))).toBeLessThanOrEqual(1000);
});
