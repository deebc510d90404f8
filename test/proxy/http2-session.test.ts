import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ClientStream } from '../../src/proxy/http-stream.js';
import { Headers } from '../../src/proxy/message/headers.js';
import { Response } from '../../src/proxy/message/response.js';
import { ProtocolError } from '../../src/errors.js';
import { http2ErrorCodes } from '../../src/wire/http2-registry.js';
import { http2Peer } from '../kit/http2-peer.js';
import type { Http2Peer, Http2PeerOptions } from '../kit/http2-peer.js';
import { ManualClock } from '../kit/manual-clock.js';
import { clientContext } from './client-context.js';
import type { ContextSettings } from './client-context.js';
import { gather, http2Sessions, http2Upstream, keepAndSend, streamThrough } from './http2-relay.js';
import { ask, nodeClient, nodeServer } from './node-http2.js';

const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

describe.each([
  ['passed on as they arrive', streamThrough],
  ['kept before they are passed on', keepAndSend],
])('between Node and Node, bodies %s', (_, exchange) => {
  test('large ones and small ones at a time, with trailers', async () => {
    const context = clientContext();
    const port = await nodeServer((stream, headers) => {
      if (headers[':path'] === '/echo') {
        stream.respond({ ':status': 201, 'x-method': headers[':method'] }, { waitForTrailers: true });
        stream.on('wantTrailers', () => {
          stream.sendTrailers({ 'x-end': 'yes' });
        });
        stream.pipe(stream);
      } else {
        stream.respond({ ':status': 200, 'content-length': 2, 'set-cookie': ['a=1', 'b=2'] });
        stream.end(headers[':method'] === 'HEAD' ? undefined : 'ok');
      }
    });
    const upstream = await http2Upstream(context, port);
    const { port: proxy } = await http2Sessions(
      context,
      exchange(() => upstream.open()),
    );
    const client = nodeClient(`http://127.0.0.1:${String(proxy)}`);
    const body = randomBytes(5 * 1024 * 1024);
    const echoes = Array.from({ length: 5 }, () => ask(client, { ':path': '/echo', ':method': 'POST' }, body));
    const small = Array.from({ length: 50 }, () => ask(client, { ':path': '/' }));
    for (const { status, headers, body: got, trailers } of await Promise.all(echoes)) {
      expect(status).toBe(201);
      expect(headers['x-method']).toBe('POST');
      expect(digest(got)).toBe(digest(body));
      expect(trailers).toMatchObject({ 'x-end': 'yes' });
    }
    for (const { headers, body: got } of await Promise.all(small)) {
      expect(headers).toMatchObject({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
      expect(String(got)).toBe('ok');
    }
    const head = await ask(client, { ':path': '/', ':method': 'HEAD' });
    expect(head.headers['content-length']).toBe('2');
    expect(context.lines).toEqual([]);
  });
});

const ok = (text: string): Response => Response.make(200, text);

const pseudo = (changes: Record<string, string | undefined> = {}): { name: string; value: string }[] =>
  Object.entries({ ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'a', ...changes })
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ({ name, value }));

/** A client frame by frame, and the exchanges that it caused. */
async function scene(
  exchange: (stream: ClientStream) => Promise<void>,
  settings: ContextSettings & { readonly peer?: Http2PeerOptions } = {},
) {
  const context = clientContext(settings);
  const streams: ClientStream[] = [];
  const { port, sessions, runs, sockets } = await http2Sessions(context, (stream) => {
    streams.push(stream);
    return exchange(stream);
  });
  const client = await http2Peer(port, settings.peer);
  return { context, streams, client, sessions, runs, sockets };
}

const answer = async (stream: ClientStream): Promise<void> => {
  const body = await gather(stream.body);
  await stream.sendWhole(ok(`${stream.request.method} ${stream.request.path} ${String(body.length)}`));
};

describe('a client', () => {
  test('asks, and is answered', async () => {
    const { client, streams, context } = await scene(answer);
    expect(await client.ask('/a?b')).toBe('200 content-length=10 GET /a?b 0');
    expect(streams[0]?.request).toMatchObject({
      ...{ httpVersion: 'HTTP/2.0', scheme: 'http', authority: 'test', host: 'test', port: 80, path: '/a?b' },
    });
    expect(context.lines).toEqual([]);
  });

  test('sends bytes outside ASCII', async () => {
    const { client, streams } = await scene(async (stream) => {
      const response = ok('');
      response.headers = stream.request.headers;
      await stream.sendWhole(response);
    });
    const id = client.request('/\xfc\xe4', [{ name: 'x-raw', value: '\x80\xff\xc3\xbc' }]);
    await client.over(id);
    expect(client.answer(id)).toBe('200 x-raw=\x80\xff\xc3\xbc');
    expect(streams[0]?.request.headers.fields).toEqual([[Buffer.from('x-raw'), Buffer.from('80ffc3bc', 'hex')]]);
    expect(Buffer.from(streams[0]?.request.path ?? '').length).toBeGreaterThan(2);
  });

  test('asks for what has no body, whatever is at hand', async () => {
    const { client } = await scene(async (stream) => {
      const status = Number(stream.request.path.slice(1));
      await stream.sendWhole(new Response({ statusCode: status, rawContent: Buffer.from('body') }));
    });
    const head = client.request('/200', [], { method: 'HEAD' });
    await client.over(head);
    expect(client.answer(head)).toBe('200');
    expect(await client.ask('/204')).toBe('204');
    expect(await client.ask('/304')).toBe('304');
    expect(await client.ask('/200')).toBe('200 body');
  });

  test('gets the length that a body has, and no fields of HTTP/1', async () => {
    const { client } = await scene(async (stream) => {
      const response = new Response({ statusCode: 200, rawContent: Buffer.from('body') });
      response.headers = new Headers([
        ['Content-Length', '7'],
        ['Connection', 'close, X-Hop'],
        ['X-Hop', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['Transfer-Encoding', 'chunked'],
        ['X-Mixed', 'Case'],
      ]);
      await stream.sendWhole(response);
    });
    expect(await client.ask('/')).toBe('200 content-length=4 x-mixed=Case body');
  });

  test('gets informational responses, a body piece by piece, and trailers', async () => {
    const { client } = await scene(async (stream) => {
      stream.sendInformational(new Response({ statusCode: 103, headers: { link: '<a>' } }));
      const body = stream.sendHead(new Response({ statusCode: 200 }));
      await body.write(Buffer.from('one '));
      await body.write(Buffer.from('two'));
      await body.end(new Headers({ 'x-end': '1' }));
    });
    expect(await client.ask('/')).toBe('103 link=<a> 200 one two x-end=1');
  });

  test('expects 100 (Continue)', async () => {
    const { client } = await scene(async (stream) => {
      if (stream.expectsContinue) stream.sendInformational(new Response({ statusCode: 100 }));
      await answer(stream);
    });
    const id = client.request('/', [{ name: 'expect', value: '100-continue' }], { method: 'POST', endStream: false });
    await client.event('headers');
    client.core.sendData(id, Buffer.from('abc'), { endStream: true });
    client.flush();
    await client.over(id);
    expect(client.answer(id)).toBe('100 200 content-length=8 POST / 3');
  });

  test('sends a request that is not read to its end: what comes is dropped, and after a lot it is asked to stop', async () => {
    const { client } = await scene(async (stream) => {
      await stream.sendWhole(ok('x'.repeat(60_000)));
    });
    const id = client.request('/', [], { method: 'POST', endStream: false });
    client.core.sendData(id, Buffer.alloc(17 * 1024 * 1024));
    client.flush();
    const { errorCode } = await client.event('reset');
    expect(errorCode).toBe(http2ErrorCodes.no_error);
    expect(client.received.get(id)).toBe(60_000);
    // What was not read counts as read: there is still room on the connection.
    for (let i = 0; i < 3; i++) expect((await client.ask('/')).length).toBeGreaterThan(60_000);
  });

  test('sees that an exchange failed', async () => {
    const { client, context } = await scene((stream) => {
      if (stream.request.path === '/abort') stream.abort();
      if (stream.request.path === '/throw') return Promise.reject(new Error('a mistake'));
      if (stream.request.path === '/half') void stream.sendHead(ok('')).write(Buffer.from('half'));
      return Promise.resolve();
    });
    const internal = `reset ${String(http2ErrorCodes.internal_error)} by peer`;
    expect(await client.ask('/abort')).toBe(` ${internal}`);
    expect(await client.ask('/throw')).toBe(` ${internal}`);
    expect(await client.ask('/nothing')).toBe(` ${internal}`);
    expect(await client.ask('/half')).toContain(internal);
    expect(context.lines).toEqual(['error: internal error: a mistake']);
  });

  test('asks for a tunnel', async () => {
    const { client, streams } = await scene(answer);
    const id = client.core.openStream();
    client.core.sendHeaders(id, [
      { name: ':method', value: 'CONNECT' },
      { name: ':authority', value: 'example.com:443' },
    ]);
    client.flush();
    await client.over(id);
    expect(client.answer(id)).toMatch(/^501 .*CONNECT over HTTP\/2 is not supported/s);
    expect(streams).toEqual([]);
  });

  test('resets a stream: the exchange is told, once', async () => {
    const told: string[] = [];
    const failed: string[] = [];
    const { client, sessions } = await scene(async (stream) => {
      const gone = new Promise<void>((resolve) => {
        stream.onAbort(({ reason }) => {
          told.push(reason);
          resolve();
        });
      });
      await gather(stream.body).catch((error: unknown) => failed.push(String(error)));
      await gone;
      await stream.sendWhole(ok('too late'));
    });
    const id = client.request('/', [], { method: 'POST', endStream: false });
    client.core.sendReset(id, http2ErrorCodes.cancel);
    client.flush();
    const other = client.request('/', [], { method: 'POST', endStream: false });
    client.core.sendReset(other, http2ErrorCodes.cancel);
    client.flush();
    client.core.sendPing();
    client.flush();
    await client.event('ping');
    expect(told).toEqual(['Client reset the stream: cancel.', 'Client reset the stream: cancel.']);
    expect(failed.length).toBe(2);
    expect(sessions[0]?.busy).toBe(false);
  });

  test('leaves: all exchanges are told', async () => {
    const told: string[] = [];
    const { client, runs } = await scene(
      (stream) =>
        new Promise((resolve) => {
          stream.onAbort(({ reason }) => {
            told.push(reason);
            resolve();
          });
          if (stream.request.path === '/2') client.peer.socket.destroy();
        }),
    );
    client.request('/1');
    client.request('/2');
    await runs[0];
    expect(told).toEqual(['Client disconnected.', 'Client disconnected.']);
  });

  test('reads slowly: the body waits, other streams do not', async () => {
    const { client } = await scene(
      async (stream) => {
        if (stream.request.path === '/quick') return answer(stream);
        const body = stream.sendHead(new Response({ statusCode: 200 }));
        for (let i = 0; i < 64; i++) await body.write(Buffer.alloc(65536));
        await body.end();
        return undefined;
      },
      { peer: { windowUpdates: 'consumed', settings: { initial_window_size: 100_000 }, connectionWindow: 1 << 20 } },
    );
    const slow = client.request('/slow');
    await client.until(() => client.received.get(slow) === 100_000);
    expect(await client.ask('/quick')).toMatch(/^200 /);
    expect(client.received.get(slow)).toBe(100_000);
    let consumed = 0;
    await client.until(() => {
      const more = (client.received.get(slow) ?? 0) - consumed;
      consumed += more;
      if (more > 0) {
        client.core.consumed(slow, more);
        client.flush();
      }
      return consumed === 64 * 65536;
    });
  });

  test('sends faster than its request is read: it gets no more room than the window', async () => {
    let read: (() => Promise<Buffer>) | undefined;
    const { client } = await scene(async (stream) => {
      if (stream.request.path === '/quick') return answer(stream);
      await new Promise<void>((resolve) => {
        read = async () => {
          const body = await gather(stream.body);
          resolve();
          return body;
        };
      });
      return stream.sendWhole(ok(''));
    });
    const id = client.request('/slow', [], { method: 'POST', endStream: false });
    client.core.sendData(id, Buffer.alloc(1 << 20), { endStream: true });
    client.flush();
    expect(await client.ask('/quick')).toMatch(/^200 /);
    expect(client.core.isSent(id)).toBe(false);
    expect((await read?.())?.length).toBe(1 << 20);
    await client.over(id);
  });
});

describe('a malformed request', () => {
  test.each<readonly [string, { name: string; value: string }[], string]>([
    ['without a path', pseudo({ ':path': undefined }), 'there is no :path'],
    ['with an empty path', pseudo({ ':path': '' }), ":path is b''"],
    ['with a space in its path', pseudo({ ':path': '/a b' }), ":path is b'/a b'"],
    ['without a method', pseudo({ ':method': undefined }), 'there is no :method'],
    ['without a scheme', pseudo({ ':scheme': undefined }), 'there is no :scheme'],
    ['with a name in upper case', [...pseudo({}), { name: 'Xa', value: '1' }], "b'Xa' is no name of a field"],
    ['with a line end', [...pseudo({}), { name: 'x', value: 'a\r\nb' }], "the value of x is b'a\\r\\nb'"],
    ['with a field of HTTP/1', [...pseudo({}), { name: 'upgrade', value: 'x' }], 'the field upgrade is one of HTTP/1'],
    ['with te', [...pseudo({}), { name: 'te', value: 'gzip' }], "the field te is b'gzip'"],
    ['with two paths', [...pseudo({}), { name: ':path', value: '/' }], ':path stands there twice'],
    [
      'with a response field',
      [...pseudo({}), { name: ':status', value: '200' }],
      "the pseudo-header field b':status' does not belong here",
    ],
    ['with mixed fields', [{ name: 'a', value: 'b' }, ...pseudo({})], ':method stands behind other fields'],
    ['with another host', [...pseudo({}), { name: 'host', value: 'b' }], ":authority is b'a', and host is b'b'"],
    [
      'with two lengths',
      [...pseudo({}), { name: 'content-length', value: '1' }, { name: 'content-length', value: '2' }],
      'content-length stands there twice',
    ],
    ['with user information', pseudo({ ':authority': 'u@a' }), ":authority is b'u@a'"],
    ['CONNECT with a path', pseudo({ ':method': 'CONNECT' }), 'CONNECT has a :scheme or a :path'],
  ])('%s', async (_, fields, fault) => {
    const { client, context, streams } = await scene(answer);
    const id = client.core.openStream();
    client.core.sendHeaders(id, fields, { endStream: true });
    client.flush();
    await client.over(id);
    expect(client.answer(id)).toBe(` reset ${String(http2ErrorCodes.protocol_error)} by peer`);
    expect(context.lines).toEqual([`warn: 127.0.0.1:50000: malformed request over HTTP/2: ${fault}`]);
    expect(streams).toEqual([]);
    expect(await client.ask('/')).toMatch(/^200 /);
  });

  test('with a body of another length than it said', async () => {
    const read: string[] = [];
    const { client, context } = await scene(async (stream) => {
      try {
        for (let piece; (piece = await stream.body.read()) !== undefined;) read.push(piece.toString());
        read.push('end');
      } catch {
        read.push('refused');
      }
      await stream.sendWhole(ok(''));
    });
    const fields = [{ name: 'content-length', value: '3' }];
    const short = client.request('/', fields, { method: 'POST', endStream: false });
    client.core.sendData(short, Buffer.from('ab'), { endStream: true });
    client.flush();
    await client.event('reset');
    const long = client.request('/', fields, { method: 'POST', endStream: false });
    client.core.sendData(long, Buffer.from('cd'));
    client.flush();
    await expect.poll(() => read).toEqual(['ab', 'refused', 'cd']);
    client.core.sendData(long, Buffer.from('GET /smuggled'));
    client.flush();
    await client.until(() => client.events.filter(({ type }) => type === 'reset').length === 2);
    await expect.poll(() => read).toEqual(['ab', 'refused', 'cd', 'refused']);
    expect(context.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: 127.0.0.1:50000: malformed request over HTTP/2: content-length is 3, but the body has 2 bytes',
      'warn: 127.0.0.1:50000: malformed request over HTTP/2: content-length is 3, but the body has at least 15 bytes',
    ]);
  });

  test('passes when nobody validates', async () => {
    const { client, streams } = await scene(answer, { options: { validateInboundHeaders: false } });
    const id = client.request('/a b', [
      { name: 'Upper', value: ' x' },
      { name: 'connection', value: 'close' },
    ]);
    await client.over(id);
    expect(client.answer(id)).toMatch(/^200 /);
    expect([...(streams[0]?.request.headers ?? [])]).toEqual([
      ['Upper', ' x'],
      ['connection', 'close'],
    ]);
  });

  test('comes too often', async () => {
    const { client, context } = await scene(answer);
    for (let i = 0; i < 110; i++) {
      client.core.sendHeaders(client.core.openStream(), pseudo({ ':path': '' }), { endStream: true });
    }
    client.flush();
    const { errorCode } = await client.event('goaway');
    expect(errorCode).toBe(http2ErrorCodes.enhance_your_calm);
    expect(context.lines.length).toBe(101);
  });
});

describe('a response that HTTP/2 has no place for', () => {
  const response = (fields: readonly (readonly [string, string])[], statusCode = 200): Response =>
    new Response({ statusCode, headers: fields, rawContent: Buffer.from('body') });
  const page = async (stream: ClientStream, send: () => unknown): Promise<void> => {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      await stream.sendWhole(Response.make(502, error.message));
    }
  };
  const inTrailers = (): Response => {
    const made = response([]);
    made.trailers = new Headers([['x', 'a\rb']]);
    return made;
  };

  test.each<[string, () => Response, string]>([
    [
      'NUL in a value',
      () => response([['x', 'a\0b']]),
      "response cannot be sent over HTTP/2: the value of x is b'a\\x00b'",
    ],
    ['CR in a value', () => response([['X', 'a\rb']]), "the value of x is b'a\\rb'"],
    ['LF in a value', () => response([['X', 'a\nb']]), "the value of x is b'a\\nb'"],
    ['a space in a name', () => response([['a b', '1']]), "b'a b' is no name of a field"],
    ['an empty name', () => response([['', '1']]), "b'' is no name of a field"],
    ['a name of HTTP/2 itself', () => response([[':status', '200']]), "b':status' is no name of a field"],
    ['a status below 0', () => response([], -200), '-200 is no status'],
    ['status 0', () => response([], 0), '0 is no status'],
    ['status 99', () => response([], 99), '99 is no status'],
    ['status 1000', () => response([], 1000), '1000 is no status'],
    ['status 101', () => response([], 101), 'it has no status 101'],
    ['CR in a trailer', inTrailers, "trailer section cannot be sent over HTTP/2: the value of x is b'a\\rb'"],
  ])('is thrown before anything is sent: %s', async (_, make, why) => {
    const whole = await scene((stream) => page(stream, () => stream.sendWhole(make())));
    expect(await whole.client.ask('/')).toMatch(/^502 /);
    expect(await whole.client.ask('/')).toContain(why);
    if (make === inTrailers) return;
    const streamed = await scene((stream) => page(stream, () => stream.sendHead(make())));
    expect(await streamed.client.ask('/')).toContain(why);
    const informational = await scene((stream) =>
      page(stream, () => {
        const { statusCode, headers } = make();
        stream.sendInformational(new Response({ statusCode: statusCode === 200 ? 103 : statusCode, headers }));
      }),
    );
    if (make().statusCode !== 101) expect(await informational.client.ask('/')).toContain(why);
  });

  test('is sent when nobody validates', async () => {
    const { client } = await scene(
      async (stream) => {
        await stream.sendWhole(response([['a b', 'c\0d']]));
      },
      { options: { validateInboundHeaders: false } },
    );
    expect(await client.ask('/')).toBe('200 a b=c\0d body');
  });

  test('but for what HTTP/1 alone has: blanks around values, folded ones, and a status that is not known', async () => {
    const { client } = await scene(async (stream) => {
      await stream.sendWhole(response([['X', ' a\r\n\tb\t']], 800));
    });
    expect(await client.ask('/')).toBe('800 x=a b body');
  });
});

describe('a hostile client', () => {
  test('opens and resets streams: no more exchanges run than are allowed', async () => {
    let running = 0;
    let most = 0;
    const { client, streams } = await scene(async (stream) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => {
        stream.onAbort(() => setImmediate(resolve));
      });
      running--;
    });
    for (let i = 0; i < 900; i++) {
      const id = client.core.openStream();
      client.core.sendHeaders(
        id,
        [
          { name: ':method', value: 'GET' },
          { name: ':scheme', value: 'http' },
          { name: ':path', value: '/' },
        ],
        { endStream: true },
      );
      client.core.sendReset(id);
    }
    client.flush();
    client.core.sendPing();
    client.flush();
    await client.event('ping');
    expect(most).toBeLessThanOrEqual(256);
    expect(streams.length).toBeLessThan(900);
  });

  const start = (client: Http2Peer): number => {
    const id = client.core.openStream();
    client.core.sendHeaders(id, pseudo(), { endStream: true });
    return id;
  };
  const floods: [string, (client: Http2Peer) => void][] = [
    ['SETTINGS', ({ core }) => void core.sendSettings({})],
    ['PING', ({ core }) => void core.sendPing()],
    ['PRIORITY', ({ core }) => void core.sendRaw(Buffer.from('0000050200000000010000000010', 'hex'))],
    ['frames of no known type', ({ core }) => void core.sendRaw(Buffer.from('000000ee0000000000', 'hex'))],
    ['streams that it resets', (client) => void client.core.sendReset(start(client))],
    ['streams that it has reset', (client) => void client.core.sendWindowUpdate(start(client), 0)],
  ];

  test.each(floods)('sends %s without end: it is sent away', async (_, frame) => {
    const { client, context } = await scene(answer);
    await client.event('settings');
    for (let i = 0; i < 1100; i++) frame(client);
    client.flush();
    const { errorCode } = await client.event('goaway');
    expect(errorCode).toBe(http2ErrorCodes.enhance_your_calm);
    expect(context.lines.at(-1)).toMatch(/more than 1000 frames to no end within 10 s$/);
  });

  test('sends as many, but works or takes its time: it may stay', async () => {
    const clock = new ManualClock();
    const { client, context } = await scene(answer, { clock });
    const pings = async (count: number): Promise<void> => {
      const before = client.events.filter(({ type }) => type === 'ping').length;
      for (let i = 0; i < count; i++) client.core.sendPing();
      client.flush();
      await client.until(() => client.events.filter(({ type }) => type === 'ping').length === before + count);
    };
    await pings(900);
    clock.advance(10_000);
    await pings(900);
    for (let round = 0; round < 12; round++) {
      const ids = Array.from({ length: 100 }, () => start(client));
      client.flush();
      await Promise.all(ids.map((id) => client.over(id)));
    }
    await pings(900);
    expect(context.lines).toEqual([]);
  });

  test('opens more streams than it may', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const { client } = await scene((stream) => held.then(() => answer(stream)));
    const ids = Array.from({ length: 200 }, () => client.request('/'));
    const refused = (): number[] =>
      client.events.flatMap((event) =>
        event.type === 'reset' && event.errorCode === http2ErrorCodes.refused_stream ? [event.streamId] : [],
      );
    await client.until(() => refused().length === 72);
    go();
    const served = ids.filter((id) => !refused().includes(id));
    await Promise.all(served.map((id) => client.over(id)));
    expect(served.every((id) => client.answer(id).startsWith('200'))).toBe(true);
  });

  test('breaks the rules of the connection: GOAWAY, and its exchanges are told', async () => {
    const told: string[] = [];
    const { client, context, runs } = await scene(
      (stream) =>
        new Promise((resolve) => {
          stream.onAbort(({ reason }) => {
            told.push(reason);
            resolve();
          });
        }),
    );
    client.request('/');
    client.raw(Buffer.from('000000010400000000', 'hex'));
    expect((await client.event('goaway')).errorCode).toBe(http2ErrorCodes.protocol_error);
    await runs[0];
    expect(told[0]).toMatch(/^HTTP\/2 protocol error of the client: .*HEADERS/i);
    expect(context.lines[0]).toMatch(/^warn: 127\.0\.0\.1:50000: HTTP\/2 protocol error of the client: /);
  });
});
