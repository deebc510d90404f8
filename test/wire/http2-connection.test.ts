import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeHeadersFrame, encodePingFrame, encodeSettingsFrame } from '../../src/wire/http2-encode.js';
import { Http2Connection } from '../../src/wire/http2-connection.js';
import { encodeHttp2Frame } from '../../src/wire/http2-frames.js';
import { connectionPreface } from '../../src/wire/http2-registry.js';
import { bytewise, cut } from './drive.js';
import { Pair, request, response, Side } from './http2-pair.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const start = Buffer.concat([connectionPreface, encodeSettingsFrame({})]);
const head = Buffer.from('828684410178', 'hex');
const headers = (streamId: number, endStream = false): Buffer =>
  encodeHeadersFrame({ streamId, fragment: head, endStream });

describe('two cores', () => {
  test('exchange a request and a response with bodies and trailers', () => {
    const pair = new Pair();
    const id = pair.client.core.openStream();
    pair.client.core.sendHeaders(id, request('/a'));
    pair.client.core.sendData(id, text('ping'), { endStream: true, padding: 7 });
    pair.settle();
    pair.server.core.sendHeaders(id, response(103));
    pair.server.core.sendHeaders(id, response());
    pair.server.core.sendData(id, text('pong'));
    pair.server.core.sendHeaders(id, [{ name: 'sum', value: '\xff' }], { endStream: true });
    pair.settle();
    expect(pair.server.story).toEqual([
      'headers 1 :method=GET :scheme=http :path=/a :authority=x',
      'data 1 ping',
      'end 1',
    ]);
    expect(pair.client.story).toEqual([
      'headers 1 :status=103',
      'headers 1 :status=200',
      'data 1 pong',
      'trailers 1 sum=\xff',
      'end 1',
    ]);
    expect(pair.client.events.map((event) => event.type === 'headers' && event.informational)).toContain(true);
    expect([pair.client.core.openStreams, pair.server.core.openStreams]).toEqual([[], []]);
    expect(pair.client.core.peerSettings).toMatchObject({ max_concurrent_streams: 128, max_header_list_size: 65536 });
  });

  test('say the same however the bytes are cut', () => {
    const talk = (slices: (bytes: Buffer) => Buffer[]): string[][] => {
      const pair = new Pair();
      pair.server.act = (event) => {
        if (event.type !== 'headers') return;
        pair.server.core.sendHeaders(event.streamId, response(), { fragmentSize: 1 });
        pair.server.core.sendData(event.streamId, text(`answer ${event.streamId}`), { endStream: true, padding: 3 });
      };
      for (let i = 0; i < 3; i++) {
        pair.client.core.sendHeaders(pair.client.core.openStream(), request(`/${i}`), { endStream: true, padding: 5 });
      }
      pair.settle(slices);
      return [pair.client.story, pair.server.story];
    };
    const whole = talk((bytes) => [bytes]);
    expect(whole[0]).toHaveLength(9);
    expect(talk(bytewise)).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => {
        expect(talk((bytes) => cut(bytes, places))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('keep many streams moving by turns, within tight windows', () => {
    const pair = new Pair({ settings: { initial_window_size: 1000 } });
    const body = Buffer.alloc(100_000, 'x');
    const order: number[] = [];
    pair.client.act = (event) => void (event.type === 'data' && order.push(event.streamId));
    pair.server.act = (event) => {
      if (event.type !== 'headers') return;
      pair.server.core.sendHeaders(event.streamId, response());
      pair.server.core.sendData(event.streamId, body, { endStream: true });
    };
    for (let i = 0; i < 20; i++)
      pair.client.core.sendHeaders(pair.client.core.openStream(), request(), { endStream: true });
    pair.settle();
    expect(new Set(order.slice(0, 20)).size).toBe(20);
    const bytes = pair.client.events.reduce((sum, event) => sum + (event.type === 'data' ? event.data.length : 0), 0);
    expect(bytes).toBe(2_000_000);
    expect(pair.client.events.filter(({ type }) => type === 'end')).toHaveLength(20);
    expect(pair.server.core.openStreams).toEqual([]);
  });

  test('any bodies and windows come through whole', () => {
    const bodies = fc.array(fc.nat(200_000), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 100_000 }), fc.option(fc.nat(255)), (sizes, window, padding) => {
        const pair = new Pair({}, { settings: { initial_window_size: window } });
        const got = new Map<number, number>();
        pair.server.act = (event) => {
          if (event.type === 'data') got.set(event.streamId, (got.get(event.streamId) ?? 0) + event.data.length);
        };
        const ids = sizes.map((size) => {
          const id = pair.client.core.openStream();
          pair.client.core.sendHeaders(id, request());
          // Windows of one byte would take a frame a byte.
          const length = Math.min(size, window * 100);
          pair.client.core.sendData(id, Buffer.alloc(length), {
            endStream: true,
            ...(padding === null ? {} : { padding }),
          });
          return [id, length] as const;
        });
        pair.settle();
        expect(pair.server.error).toBeUndefined();
        expect(pair.server.events.filter(({ type }) => type === 'end')).toHaveLength(sizes.length);
        expect(ids.map(([id]) => got.get(id) ?? 0)).toEqual(ids.map(([, length]) => length));
      }),
      { numRuns: 60 },
    );
  });

  test('push, ping, reset and go away', () => {
    const pair = new Pair({ settings: { enable_push: 1 } });
    const { client, server } = pair;
    for (let i = 0; i < 3; i++) client.core.sendHeaders(client.core.openStream(), request());
    pair.settle();
    const pushed = server.core.sendPush(1, request('/pushed'));
    server.core.sendHeaders(pushed, response(), { endStream: true });
    server.core.sendPing(text('12345678'));
    server.core.sendReset(3, 11);
    server.core.sendGoaway(0, 3);
    pair.settle();
    expect(client.story).toEqual([
      'push 1 2',
      'headers 2 :status=200',
      'end 2',
      'ping 12345678',
      'reset 3 enhance_your_calm by peer',
      'goaway 3 no_error',
      'reset 5 refused_stream by goaway',
    ]);
    expect(server.story.at(-1)).toBe('ping ack 12345678');
    expect(client.core.sendData(5, text('late'))).toBe(false);
    client.core.sendHeaders(client.core.openStream(), request());
    pair.settle();
    expect(client.story.at(-1)).toBe('reset 7 refused_stream by peer');
  });

  test('keep windows by hand: nothing moves until consumption is told', () => {
    const pair = new Pair({}, { windowUpdates: 'consumed', connectionWindow: 65535 });
    const id = pair.client.core.openStream();
    pair.client.core.sendHeaders(id, request());
    expect(pair.client.core.sendData(id, Buffer.alloc(100_000))).toBe(false);
    pair.settle();
    const got = (): number =>
      pair.server.events.reduce((sum, event) => sum + (event.type === 'data' ? event.data.length : 0), 0);
    expect(got()).toBe(65535);
    pair.server.core.consumed(id, 65535);
    pair.settle();
    expect(got()).toBe(100_000);
    expect(pair.client.story).toEqual(['drain 1']);
  });

  test('raw bytes go out at once, or behind what waits in their stream', () => {
    const pair = new Pair();
    const { core } = pair.client;
    const id = core.openStream();
    core.sendHeaders(id, request());
    core.sendData(id, text('first'));
    core.sendRaw(encodeHttp2Frame({ type: 0xee, streamId: id }), id);
    core.sendRaw(encodeHttp2Frame({ type: 0xdd }));
    core.sendData(id, text('second'), { endStream: true });
    pair.settle();
    expect(pair.server.story.slice(1)).toEqual([
      'unknown 221',
      'data 1 first',
      'unknown 238',
      'data 1 second',
      'end 1',
    ]);
  });

  test('header blocks that are sent raw stay in step', () => {
    const pair = new Pair();
    const { core } = pair.client;
    const field = { name: 'custom', value: 'value' };
    core.sendRaw(encodeHeadersFrame({ streamId: 1, fragment: core.encodeFields([field]), endStream: true }));
    core.sendHeaders(3, [field, field], { endStream: true });
    pair.settle();
    expect(pair.server.story).toEqual([
      'headers 1 custom=value',
      'end 1',
      'headers 3 custom=value custom=value',
      'end 3',
    ]);
  });

  test('a peer that shrinks its tables and windows is obeyed', () => {
    const pair = new Pair({}, { settings: { header_table_size: 100, initial_window_size: 10, max_frame_size: 20000 } });
    pair.settle();
    const id = pair.client.core.openStream();
    pair.client.core.sendHeaders(id, [...request(), { name: 'a', value: 'x'.repeat(100) }]);
    pair.client.core.sendData(id, text('0123456789abcdef'), { endStream: true });
    pair.settle();
    pair.server.core.sendSettings({ header_table_size: 0, initial_window_size: 5 });
    pair.settle();
    pair.client.core.sendHeaders(pair.client.core.openStream(), request(), { endStream: true });
    pair.settle();
    expect(pair.server.error).toBeUndefined();
    expect(pair.server.story.slice(1)).toEqual([
      'data 1 0123456789abcdef',
      'end 1',
      expect.stringMatching('headers 3'),
      'end 3',
    ]);
  });

  test('the end of a peer tells what it left unfinished', () => {
    const server = new Side({ role: 'server' });
    server.core.receive(Buffer.concat([start, headers(1), headers(3, true), Buffer.of(0, 0)]));
    server.core.finish();
    server.pull();
    expect(server.story.slice(-1)).toEqual(['close 1 in a frame']);
  });
});

describe('a client', () => {
  test('may leave out the preface, SETTINGS and acknowledgements', () => {
    const quiet = { preface: false, settings: false, settingsAck: false, pingAck: false };
    const client = new Http2Connection({ role: 'client', automatic: quiet, windowUpdates: 'never' });
    client.receive(Buffer.concat([encodeSettingsFrame({}), encodePingFrame({})]));
    expect([client.next()?.type, client.next()?.type, client.next()]).toEqual(['settings', 'ping', undefined]);
    expect(client.takeOutput()).toHaveLength(0);
  });

  test('bounds what waits on a stream', () => {
    const client = new Http2Connection({ role: 'client', maximumWaiting: 100 });
    client.sendHeaders(1, request());
    client.sendData(1, Buffer.alloc(90));
    expect(() => client.sendData(1, Buffer.alloc(90))).toThrow(TypeError);
  });
});
