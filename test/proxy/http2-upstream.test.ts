import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { ClientContext } from '../../src/proxy/context.js';
import type { ServerStream } from '../../src/proxy/http-stream.js';
import { Http2Upstream } from '../../src/proxy/http2-upstream.js';
import { Request } from '../../src/proxy/message/request.js';
import type { Settings } from '../../src/wire/http2-settings.js';
import { http2ErrorCodes } from '../../src/wire/http2-registry.js';
import { Http2Peer } from '../kit/http2-peer.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { clientContext } from './client-context.js';
import type { ContextSettings } from './client-context.js';
import { gather, linkTo } from './http2-relay.js';

interface Scene {
  readonly context: ClientContext & { readonly lines: readonly string[] };
  readonly upstream: Http2Upstream;
  readonly server: Http2Peer;
  /** The hooks that were called. */
  readonly hooks: readonly string[];
}

/** An upstream whose server is under the test's hand. */
async function scene(settings: Settings = {}, options: ContextSettings = {}): Promise<Scene> {
  const hooks: string[] = [];
  const addon = { serverDisconnected: () => hooks.push('serverDisconnected') };
  const context = clientContext({ ...options, addons: [addon] });
  const raw = await rawServer();
  const upstream = new Http2Upstream(context, await linkTo(raw.port));
  const server = new Http2Peer(await raw.peer(), { role: 'server', settings });
  await server.event('settings_ack');
  return { context, upstream, server, hooks };
}

const get = (path = '/'): Request =>
  new Request({ httpVersion: 'HTTP/2.0', scheme: 'https', host: 'h', port: 443, authority: 'h', path });

const ignore = (): void => undefined;

/** Resolves with the id of the request for a path, once it is there. */
async function requested(server: Http2Peer, path: string): Promise<number> {
  const find = (): number | undefined => {
    for (const event of server.events) {
      if (event.type === 'headers' && event.headers.some(({ value }) => value === path)) return event.streamId;
    }
    return undefined;
  };
  await server.until(() => find() !== undefined);
  return find() ?? 0;
}

function respond(server: Http2Peer, streamId: number, status = '200', endStream = true): void {
  server.core.sendHeaders(streamId, [{ name: ':status', value: status }], { endStream });
  server.flush();
}

/** What went wrong with the answer on a stream, or its status. */
async function outcome(stream: ServerStream): Promise<string> {
  try {
    const { response, body } = await stream.receive(ignore);
    return `${String(response.statusCode)} ${(await gather(body)).toString()}`;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function send(upstream: Http2Upstream, path: string): ServerStream {
  const stream = upstream.open();
  void stream.sendWhole(get(path));
  return stream;
}

describe('streams', () => {
  test('wait for room when the server takes no more', async () => {
    const { upstream, server } = await scene({ max_concurrent_streams: 2 });
    const streams = ['/1', '/2', '/3', '/4'].map((path) => send(upstream, path));
    expect(upstream.canOpen).toBe(false);
    const outcomes = streams.map(outcome);
    const second = await requested(server, '/2');
    expect(server.core.openStreams.length).toBe(2);
    streams[3]?.release();
    respond(server, second);
    respond(server, await requested(server, '/3'));
    respond(server, await requested(server, '/1'));
    expect(await Promise.all(outcomes.slice(0, 3))).toEqual(['200 ', '200 ', '200 ']);
    expect(await outcomes[3]).toMatch(/^ConnectionError: /);
    expect(upstream.canOpen).toBe(true);
    expect(server.events.filter(({ type }) => type === 'headers').length).toBe(3);
  });

  test('are at most a hundred before the server has told its settings', async () => {
    const context = clientContext();
    const raw = await rawServer();
    const upstream = new Http2Upstream(context, await linkTo(raw.port));
    for (let i = 0; i < 120; i++) send(upstream, `/${String(i)}`);
    const server = new Http2Peer(await raw.peer(), {
      role: 'server',
      automatic: { settings: false, settingsAck: false },
      windowUpdates: 'never',
    });
    await server.until(() => server.core.openStreams.length === 100);
    server.core.sendSettings({});
    server.flush();
    await server.until(() => server.core.openStreams.length === 120);
  });

  test('are reset when their exchange ends before them', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    stream.release();
    stream.release();
    const { streamId, errorCode } = await server.event('reset');
    expect([streamId, errorCode]).toEqual([id, http2ErrorCodes.cancel]);
    expect(upstream.canOpen).toBe(true);
  });

  test('are not reset when both messages were complete', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    respond(server, await requested(server, '/1'));
    expect(await outcome(stream)).toBe('200 ');
    stream.release();
    const next = send(upstream, '/2');
    await requested(server, '/2');
    next.release();
    expect((await server.event('reset')).streamId).toBe(3);
  });

  test('know whether the connection was used before', async () => {
    const { upstream } = await scene();
    expect(upstream.open().isReused).toBe(false);
    expect(upstream.open().isReused).toBe(true);
  });
});

describe('a server', () => {
  test('resets a stream', async () => {
    const { upstream, server } = await scene();
    const first = send(upstream, '/1');
    const second = send(upstream, '/2');
    const id = await requested(server, '/1');
    server.core.sendReset(id, http2ErrorCodes.internal_error);
    server.flush();
    expect(await outcome(first)).toBe('ConnectionError: the server reset the stream: internal_error');
    expect(first.isUnhandled).toBe(false);
    respond(server, await requested(server, '/2'));
    expect(await outcome(second)).toBe('200 ');
  });

  test('refuses a stream: it may be tried anew', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    server.core.sendReset(await requested(server, '/1'), http2ErrorCodes.refused_stream);
    server.flush();
    expect(await outcome(stream)).toBe('ConnectionError: the server reset the stream: refused_stream');
    expect([stream.isReused, stream.isUnhandled]).toEqual([false, true]);
  });

  test('resets a stream behind its whole answer, because it does not want the rest of the request', async () => {
    const { upstream, server } = await scene();
    const stream = upstream.open();
    const body = stream.sendHead(get('/1'));
    await body.write(Buffer.from('a'));
    const id = await requested(server, '/1');
    respond(server, id);
    server.core.sendReset(id, http2ErrorCodes.no_error);
    server.flush();
    expect(await outcome(stream)).toBe('200 ');
    await body.write(Buffer.alloc(1 << 20));
    await body.end();
    stream.release();
  });

  test('says GOAWAY: streams above the last are lost, the others are answered, and then it is over', async () => {
    const { upstream, server, hooks } = await scene();
    const streams = ['/1', '/2'].map((path) => send(upstream, path));
    const first = await requested(server, '/1');
    await requested(server, '/2');
    server.core.sendGoaway(http2ErrorCodes.no_error, first, Buffer.from('bye'));
    server.flush();
    const [one, two] = streams;
    if (one === undefined || two === undefined) throw new Error('no streams');
    expect(await outcome(two)).toBe(
      "ConnectionError: the server takes no more requests on this connection: no_error b'bye'",
    );
    expect(two.isUnhandled).toBe(true);
    expect(upstream.isClosed).toBe(true);
    expect(upstream.canOpen).toBe(false);
    const late = send(upstream, '/3');
    expect(await outcome(late)).toMatch(/^ConnectionError: the server takes no more requests/);
    late.release();
    respond(server, first);
    expect(await outcome(one)).toBe('200 ');
    expect(hooks).toEqual([]);
    two.release();
    one.release();
    await server.event('goaway');
  });

  test('closes the connection', async () => {
    const { upstream, server, hooks } = await scene();
    const streams = ['/1', '/2'].map((path) => send(upstream, path));
    const outcomes = streams.map(outcome);
    await requested(server, '/2');
    server.peer.socket.end();
    const words = 'ConnectionError: the server closed the connection before its answer was complete';
    expect(await Promise.all(outcomes)).toEqual([words, words]);
    expect(upstream.isClosed).toBe(true);
    await once(server.peer.socket, 'close');
    expect(hooks).toEqual(['serverDisconnected']);
    expect(upstream.link.connection).toMatchObject({ state: 0 });
  });

  test('resets the connection, with a part of a body sent', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    server.core.sendHeaders(id, [{ name: ':status', value: '200' }]);
    server.core.sendData(id, Buffer.from('half'));
    server.flush();
    const { body } = await stream.receive(ignore);
    expect(String(await body.read())).toBe('half');
    server.peer.socket.resetAndDestroy();
    await expect(gather(body)).rejects.toThrow(
      'the server closed the connection before its answer was complete: Connection reset by peer',
    );
  });

  test('breaks the rules', async () => {
    const { upstream, server, context } = await scene();
    const stream = send(upstream, '/1');
    await requested(server, '/1');
    // A frame of HEADERS on stream 0.
    server.raw(Buffer.from('000000010400000000', 'hex'));
    expect(await outcome(stream)).toBe('ProtocolError: HTTP/2 protocol error of the server: HEADERS is on stream 0');
    expect(context.lines.join()).toMatch(/^warn: 127\.0\.0\.1:\d+: HTTP\/2 protocol error of the server: /);
    const { errorCode } = await server.event('goaway');
    expect(errorCode).toBe(http2ErrorCodes.protocol_error);
  });

  test.each([
    ['no :status', [{ name: 'a', value: 'b' }], 'there is no :status'],
    ['a name in upper case', [{ name: 'A', value: 'b' }], "b'A' is no name of a field"],
    ['a field of HTTP/1', [{ name: 'connection', value: 'close' }], 'the field connection is one of HTTP/1'],
  ])('sends a response with %s', async (_, fields, fault) => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    const status = fields[0]?.name === 'a' ? [] : [{ name: ':status', value: '200' }];
    server.core.sendHeaders(id, [...status, ...fields], { endStream: true });
    server.flush();
    expect(await outcome(stream)).toBe(`ProtocolError: malformed response over HTTP/2: ${fault}`);
    expect(upstream.canOpen).toBe(true);
  });

  test('sends a body that is not as long as it said', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    const fields = [
      { name: ':status', value: '200' },
      { name: 'content-length', value: '5' },
    ];
    server.core.sendHeaders(id, fields);
    server.core.sendData(id, Buffer.from('four'), { endStream: true });
    server.flush();
    expect(await outcome(stream)).toBe(
      'ProtocolError: malformed response over HTTP/2: content-length is 5, but the body has 4 bytes',
    );
  });

  test('sends a body that is longer than it said: nobody reads the rest', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    server.core.sendHeaders(id, [
      { name: ':status', value: '200' },
      { name: 'content-length', value: '5' },
    ]);
    server.core.sendData(id, Buffer.from('hello'));
    server.flush();
    const { body } = await stream.receive(() => undefined);
    expect((await body.read())?.toString()).toBe('hello');
    const reading = Promise.resolve(body.read());
    server.core.sendData(id, Buffer.from('HTTP/1.1 200 OK'));
    server.flush();
    await expect(reading).rejects.toThrow('content-length is 5, but the body has at least 20 bytes');
    await server.over(id);
  });

  test('sends informational responses, and more of them than anybody needs', async () => {
    const { upstream, server } = await scene();
    const stream = send(upstream, '/1');
    const id = await requested(server, '/1');
    respond(server, id, '103', false);
    const seen: number[] = [];
    const answer = stream.receive(({ statusCode }) => seen.push(statusCode));
    for (let i = 0; i < 1000; i++) respond(server, id, '102', false);
    await expect(answer).rejects.toThrow('more than 1000 informational responses');
    expect(seen.slice(0, 2)).toEqual([103, 102]);
    await server.over(id);
  });
});

describe('PING', () => {
  test('is sent after some silence; a server that does not answer is given up', async () => {
    const clock = new ManualClock();
    const { upstream, server, hooks } = await scene({}, { clock, options: { http2PingKeepalive: 58 } });
    const stream = send(upstream, '/1');
    await requested(server, '/1');
    await clock.untilWaiting(58_000);
    clock.advance(58_000);
    await server.event('ping');
    // The answer is there once what follows it is.
    respond(server, 1, '103', false);
    await new Promise<void>((resolve) => {
      const onInformational = (): void => {
        resolve();
      };
      void Promise.resolve(stream.receive(onInformational)).catch(ignore);
    });
    server.peer.socket.pause();
    clock.advance(58_000);
    await clock.untilWaiting(58_000);
    clock.advance(58_000);
    expect(await outcome(stream)).toMatch(/the server did not answer PING within 58 s/);
    server.peer.socket.resume();
    await server.peer.untilEnd();
    expect(hooks).toEqual(['serverDisconnected']);
  });

  test('is not sent with 0', async () => {
    const clock = new ManualClock();
    await scene({}, { clock, options: { http2PingKeepalive: 0 } });
    expect(clock.waiting).toEqual([]);
  });
});

test('closing from this side loses all streams, and those that wait', async () => {
  const { upstream, server, hooks } = await scene({ max_concurrent_streams: 1 });
  const streams = ['/1', '/2'].map((path) => send(upstream, path));
  const outcomes = streams.map(outcome);
  await requested(server, '/1');
  upstream.close();
  upstream.close();
  expect(hooks).toEqual(['serverDisconnected']);
  expect(await Promise.all(outcomes)).toEqual([
    'ConnectionError: the connection was closed from this side',
    'ConnectionError: the server takes no more requests on this connection',
  ]);
  await server.event('goaway');
});

test('a response that nobody reads is stopped on its stream, and others go on', async () => {
  const { upstream, server } = await scene();
  const slow = send(upstream, '/slow');
  const id = await requested(server, '/slow');
  server.core.sendHeaders(id, [{ name: ':status', value: '200' }]);
  server.core.sendData(id, Buffer.alloc(4 << 20), { endStream: true });
  server.flush();
  const { body } = await slow.receive(ignore);
  await server.until(() => !server.core.hasOutput);
  expect(server.core.isSent(id)).toBe(false);
  const quick = send(upstream, '/quick');
  const other = await requested(server, '/quick');
  server.core.sendHeaders(other, [{ name: ':status', value: '200' }]);
  server.core.sendData(other, Buffer.alloc(100_000), { endStream: true });
  server.flush();
  expect((await outcome(quick)).length).toBe(4 + 100_000);
  expect(server.core.isSent(id)).toBe(false);
  expect((await gather(body)).length).toBe(4 << 20);
});

test('a large request is sent as the server reads', async () => {
  const { upstream, server } = await scene();
  const stream = upstream.open();
  const body = stream.sendHead(get('/1'));
  const answer = outcome(stream);
  const sending = (async () => {
    for (let i = 0; i < 100; i++) await body.write(Buffer.alloc(65536));
    await body.end();
  })();
  const id = await requested(server, '/1');
  await server.over(id);
  await sending;
  expect(server.received.get(id)).toBe(100 * 65536);
  respond(server, id);
  expect(await answer).toBe('200 ');
});

test('a request waits for a server that gives no room', async () => {
  const context = clientContext();
  const raw = await rawServer();
  const upstream = new Http2Upstream(context, await linkTo(raw.port));
  const server = new Http2Peer(await raw.peer(), { role: 'server', windowUpdates: 'never' });
  const stream = upstream.open();
  const body = stream.sendHead(get('/1'));
  expect(body.write(Buffer.alloc(1000))).toBe(undefined);
  let isSent = false;
  const sending = Promise.resolve(body.write(Buffer.alloc(200_000))).then(() => (isSent = true));
  const id = await requested(server, '/1');
  await server.until(() => server.received.get(id) === 65535);
  expect(isSent).toBe(false);
  server.core.sendWindowUpdate(id, 1 << 20);
  server.core.sendWindowUpdate(0, 1 << 20);
  server.flush();
  expect(await sending).toBe(true);
  stream.release();
});
