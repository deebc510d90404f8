import type { ServerHttp2Stream } from 'node:http2';
import { describe, expect, test } from 'vitest';
import {
  encodeGoawayFrame,
  encodePingFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
} from '../../src/wire/http2-encode.js';
import { frameFlags, http2ErrorCodes } from '../../src/wire/http2-registry.js';
import { ManualClock } from '../kit/manual-clock.js';
import { http2Client, told } from './http2-clients.js';
import {
  craftedServer,
  data,
  frameFrom,
  framesFrom,
  head,
  nodeHttp2Server,
  scripted,
  settings,
} from './http2-servers.js';

/** A request made of raw frames. */
const rawGet = "h2f:theaders:end_stream:h':method'='GET':h':path'='/':h':scheme'='http':h':authority'='x'";

describe('requests', () => {
  test("to Node's server, one after the other", async () => {
    const port = await nodeHttp2Server((stream, headers) => {
      const {
        ':method': method = '',
        ':path': path = '',
        ':authority': authority = '',
        ':scheme': scheme = '',
      } = headers;
      stream.respond({ ':status': 201, 'x-asked': [method, path, authority, scheme, String(headers['x'])].join(' ') });
      stream.end(`stream ${String(stream.id)}`);
    });
    const client = http2Client(port);
    const exchanges = await client.exchanges("put:/a:h'x'='y' get:/b:x2");
    expect(exchanges.flatMap(told)).toEqual(['201 stream 1', '201 stream 3', '201 stream 5']);
    const asked = exchanges.map(({ response }) => response?.headers.get('x-asked'));
    expect(asked[0]).toBe(`PUT /a 127.0.0.1:${String(port)} http y`);
    expect(asked[1]).toBe(`GET /b 127.0.0.1:${String(port)} http undefined`);
  });

  test('a body both ways, larger than the windows', async () => {
    const port = await nodeHttp2Server((stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const [exchange] = await http2Client(port).exchanges('post:/:b@3m', { maximumBody: 8 * 1024 * 1024 });
    expect(exchange?.response).toMatchObject({ code: 200, bodyLength: 3 * 1024 * 1024, truncated: false });
    expect(exchange?.response?.body.length).toBe(3 * 1024 * 1024);
  });

  test('trailers and informational responses, both ways', async () => {
    const trailersSeen: unknown[] = [];
    const port = await nodeHttp2Server((stream) => {
      stream.on('trailers', (fields) => trailersSeen.push(fields['sum']));
      stream.resume();
      stream.additionalHeaders({ ':status': 103, link: '</a>' });
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ after: 'all' });
      });
      stream.on('end', () => stream.end('x'));
    });
    const [exchange] = await http2Client(port).exchanges("post:/:b'x':t'sum'='1'");
    expect(exchange?.response?.informational.map(({ code, headers }) => [code, headers.get('link')])).toEqual([
      [103, '</a>'],
    ]);
    expect(exchange?.response?.trailers?.entries()).toEqual([['after', 'all']]);
    expect(trailersSeen).toEqual(['1']);
  });

  test('a header list is kept in order, byte for byte', async () => {
    const fields = [
      [':status', '0200'],
      ['B', '1'],
      ['a', ' x\r\ny\xff '],
      ['B', ''],
      ['', 'nameless'],
      [':path', 'pseudo'],
    ] as const;
    const { port } = await craftedServer([head(1, fields, true)]);
    const [exchange] = await http2Client(port).exchanges('get:/');
    const received = [...(exchange?.response?.headers ?? [])].map((field) =>
      field.map((part) => part.toString('latin1')),
    );
    expect(received).toEqual(fields.slice(1));
    expect(exchange?.response).toMatchObject({ code: 200, codeText: '0200', httpVersion: 'HTTP/2', reason: '' });
  });

  test('a body that is kept in part', async () => {
    const { port } = await craftedServer([Buffer.concat([head(1), data(1, 'abc', false), data(1, 'defg')])]);
    const [exchange] = await http2Client(port).exchanges('get:/', { maximumBody: 4 });
    expect(exchange?.response?.body.toString()).toBe('abcd');
    expect(exchange?.response).toMatchObject({ bodyLength: 7, truncated: true });
  });

  test('wait until the server takes one more stream', async () => {
    const server = await scripted(async (one) => {
      one.send(encodeSettingsFrame({ settings: [[3, 0]] }));
      await frameFrom(one, 'settings', 1);
      one.send(encodeSettingsFrame({ settings: [[3, 1]] }));
      await frameFrom(one, 'headers');
      one.send(Buffer.concat([head(1, undefined, true)]));
    });
    const { port } = server;
    const client = http2Client(port);
    // The limit must have arrived before anything is asked for.
    await frameFrom(await server.peer(), 'settings', 1);
    expect((await client.exchanges('get:/')).flatMap(told)).toEqual(['200 ']);
  });

  test('obey the frame size and the windows of the server', async () => {
    let seen: readonly number[] = [];
    const { port } = await scripted(async (one) => {
      one.send(encodeSettingsFrame({ settings: [[4, 10]] }));
      await frameFrom(one, 'settings', 1);
      one.send(head(1, [[':status', '100']]));
      await frameFrom(one, 'data');
      one.send(encodeWindowUpdateFrame({ streamId: 1, increment: 15 }));
      await one.until(() => framesFrom(one).some(({ type, flags }) => type === 0 && flags === frameFlags.end_stream));
      seen = framesFrom(one).flatMap(({ type, payload }) => (type === 0 ? [payload.length] : []));
      one.send(head(1, undefined, true));
    });
    const client = http2Client(port);
    expect((await client.exchanges('post:/:b@25')).flatMap(told)).toEqual(['100', '200 ']);
    expect(seen.reduce((sum, length) => sum + length, 0)).toBe(25);
  });

  test('an answer before the request is through: the stream is reset, the connection goes on', async () => {
    const clock = new ManualClock();
    const server = await craftedServer([head(1, [[':status', '413']], true), head(3, undefined, true)]);
    const { port } = server;
    const client = http2Client(port, { clock });
    const exchanges = client.exchanges('post:/:b@1m get:/');
    await clock.untilWaiting(5000);
    clock.advance(5000);
    expect((await exchanges).map(told)).toEqual([['413 ', 'unsent'], ['200 ']]);
    expect((await frameFrom(await server.peer(), 'rst_stream')).payload.readUInt32BE(0)).toBe(http2ErrorCodes.cancel);
  });

  test('an early answer with RST_STREAM NO_ERROR', async () => {
    const reset = encodeRstStreamFrame({ streamId: 1, errorCode: 0 });
    const { port } = await craftedServer([
      Buffer.concat([head(1, [[':status', '413']], true), reset]),
      head(3, undefined, true),
    ]);
    expect((await http2Client(port).exchanges('post:/:b@1m get:/')).map(told)).toEqual([
      ['rst_stream stream=1 4b no_error', '413 ', 'unsent'],
      ['200 '],
    ]);
  });
});

describe('raw frames', () => {
  test('a request by hand, and a PING: what answers them', async () => {
    const port = await nodeHttp2Server((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('raw');
    });
    expect((await http2Client(port, { maximumBody: 100 }).story(`${rawGet} h2f:tping`)).sort()).toEqual([
      'ping:ack stream=0 8b 0000000000000000',
      'stream 1: 200 raw',
    ]);
  });

  test('several streams at a time', async () => {
    const streams: ServerHttp2Stream[] = [];
    const port = await nodeHttp2Server((stream) => {
      streams.push(stream);
      if (streams.length < 3) return;
      for (const one of streams.reverse()) {
        one.respond({ ':status': 200 });
        one.end(String(one.id));
      }
    });
    const story = await http2Client(port, { maximumBody: 100 }).story(`${rawGet}:snew:x3`);
    expect(story.sort()).toEqual(['stream 1: 200 1', 'stream 3: 200 3', 'stream 5: 200 5']);
  });

  test('in front of a request and behind it', async () => {
    const port = await nodeHttp2Server((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(String(stream.id));
    });
    const client = http2Client(port, { maximumBody: 100 });
    expect(await client.story(`h2f:tpriority:s7 get:/ ${rawGet}:snew get:/`)).toEqual([
      '200 1',
      expect.stringMatching(/^(stream 3: 200 3|200 5)$/),
      expect.stringMatching(/^(stream 3: 200 3|200 5)$/),
    ]);
  });

  test('SETTINGS and their acknowledgement', async () => {
    const port = await nodeHttp2Server(() => undefined);
    expect(await http2Client(port).story('h2f:tsettings:max_frame_size=20000')).toEqual(['settings:ack stream=0 0b']);
  });

  test('with a pause in the middle', async () => {
    const server = await craftedServer([head(1, undefined, true)]);
    const { port } = server;
    const client = http2Client(port);
    expect(await client.story(`${rawGet}:p3,0.05:pa,0.05`)).toEqual(['stream 1: 200 ']);
    expect(framesFrom(await server.peer()).filter(({ type }) => type === 1)).toHaveLength(1);
  });

  test('nothing goes between the bytes of a frame', async () => {
    const server = await scripted(async (one) => {
      one.send(settings);
      await one.until((received) => received.includes(Buffer.from('000008060000000000', 'hex')));
      // The answer to this PING has to wait.
      one.send(Buffer.from('0000080600000000003132333435363738', 'hex'));
    });
    const { port } = server;
    const clock = new ManualClock();
    const client = http2Client(port, { clock });
    const sent = client.exchanges("h2f:tping:b'abcdefgh':p12,7");
    const one = await server.peer();
    await one.until((received) => received.includes('abc'));
    await clock.untilWaiting(7000);
    expect(one.text.endsWith('abc')).toBe(true);
    clock.advance(7000);
    await sent;
    await one.until((received) => received.includes('12345678'));
    expect(one.text).toContain('abcdefgh');
  });

  test('a header block that is left open is not broken by frames of ours', async () => {
    const server = await scripted(async (one) => {
      one.send(settings);
      await frameFrom(one, 'headers');
      one.send(encodePingFrame({}));
      await frameFrom(one, 'continuation');
      one.send(head(1, undefined, true));
    });
    const client = http2Client(server.port);
    await client.exchanges("h2f:theaders:end_stream:-end_headers:h':method'='GET'");
    const arriving = client.client.answers();
    const ping = arriving.next();
    await client.exchanges("h2f:tcontinuation:h':path'='/'");
    await ping;
    const types = framesFrom(await server.peer()).map(({ type }) => type);
    expect(types[types.indexOf(1) + 1]).toBe(9);
    await arriving.return();
  });

  test('that close the connection', async () => {
    const server = await craftedServer([]);
    const { port } = server;
    const client = http2Client(port);
    expect((await client.exchanges('h2f:tping:d5')).flatMap(told)).toEqual(['disconnected']);
    const received = await (await server.peer()).untilEnd();
    expect(received.subarray(-5).toString('hex')).toBe('0000080600');
  });

  test('a half close is answered still', async () => {
    const { port } = await scripted(async (one) => {
      one.send(settings);
      await one.untilEnd();
      one.send(head(1, undefined, true));
    });
    const client = http2Client(port);
    expect(await client.story(`${rawGet}:da,fin`)).toEqual(['stream 1: 200 ']);
  });

  test('the connection preface left out', async () => {
    const server = await scripted(async (one) => {
      await one.until(9 + 8);
      one.send(encodeGoawayFrame({ lastStreamId: 0, errorCode: 1, debug: Buffer.from('no preface') })).end();
    });
    const { port } = server;
    const client = http2Client(port, { skipConnectionPreface: true });
    expect(await client.story('h2f:tping')).toEqual(["goaway stream=0 18b last=0 protocol_error b'no preface'"]);
    expect((await server.peer()).received.toString('hex')).toBe('000008060000000000' + '0000000000000000');
  });

  test('that ask for no answer are waited for until the time is over, and that is fine', async () => {
    const clock = new ManualClock();
    const { port } = await craftedServer([]);
    const story = http2Client(port, { clock, timeout: 2 }).story('h2f:tpriority:s3');
    await clock.untilWaiting(2000);
    clock.advance(2000);
    expect(await story).toEqual([]);
  });

  test('an answer that is owed and does not come is a timeout', async () => {
    const clock = new ManualClock();
    const server = await craftedServer([]);
    const { port } = server;
    const story = http2Client(port, { clock, timeout: 2 }).story(rawGet);
    await frameFrom(await server.peer(), 'headers');
    await clock.untilWaiting(2000);
    clock.advance(2000);
    expect(await story).toEqual([`TimeoutError: nothing came from 127.0.0.1:${String(port)} within 2 s`]);
  });

  test('the bytes that went over the connection, all of them', async () => {
    const server = await craftedServer([head(1, undefined, true)]);
    const { port } = server;
    const client = http2Client(port);
    const keep = { keepWritten: true, keepRead: true };
    const [ping, get] = await client.exchanges(`h2f:tping get:/`, keep);
    const written = Buffer.concat([ping, get].map((one) => one?.written?.bytes ?? Buffer.alloc(0)));
    const read = Buffer.concat([ping, get].map((one) => one?.read?.bytes ?? Buffer.alloc(0)));
    expect(written.equals((await server.peer()).received)).toBe(true);
    expect(read.equals(Buffer.concat([settings, head(1, undefined, true)]))).toBe(true);
  });
});

describe('closing', () => {
  test('says GOAWAY and ends', async () => {
    const server = await craftedServer([head(1, undefined, true)]);
    const { port } = server;
    const client = http2Client(port);
    await client.exchanges('get:/');
    const closed = client.client.close();
    const one = await server.peer();
    await one.untilEnd();
    one.end();
    await closed;
    expect(framesFrom(one).at(-1)).toMatchObject({ type: 7, payload: Buffer.alloc(8) });
  });

  test('during an exchange is told', async () => {
    const server = await craftedServer([]);
    const { port } = server;
    const client = http2Client(port);
    const asking = client.exchanges('get:/');
    const one = await server.peer();
    await frameFrom(one, 'headers');
    client.client.destroy();
    await expect(asking).rejects.toThrow('is closed');
    await one.untilEnd();
  });
});
