import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Http2Session, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Http2Connection } from '../../src/wire/http2-connection.js';
import type { Http2Event } from '../../src/wire/http2-event.js';
import type { Http2ConnectionOptions } from '../../src/wire/http2-options.js';

/** Lets a core speak over a socket, and hands each event to `act`. */
function speak(
  socket: Socket,
  options: Http2ConnectionOptions,
  act: (event: Http2Event, core: Http2Connection) => void,
): { core: Http2Connection; flush: () => void; error: () => unknown } {
  const core = new Http2Connection(options);
  let failure: unknown;
  const flush = (): void => {
    while (!socket.writableNeedDrain && core.hasOutput) {
      const bytes = core.takeOutput();
      if (bytes.length > 0) socket.write(bytes);
    }
  };
  socket.on('drain', flush);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    core.receive(chunk);
    try {
      for (let event = core.next(); event; event = core.next()) act(event, core);
    } catch (error) {
      failure ??= error;
    }
    flush();
  });
  flush();
  onTestFinished(() => void socket.destroy());
  return { core, flush, error: () => failure };
}

/** A server of ours on a port of its own. */
async function serve(
  act: (event: Http2Event, core: Http2Connection) => void,
  options: Partial<Http2ConnectionOptions> = {},
): Promise<{ url: string; errors: () => unknown[] }> {
  const spoken: { error: () => unknown }[] = [];
  const server = createServer((socket) => spoken.push(speak(socket, { role: 'server', ...options }, act)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    errors: () => spoken.map(({ error }) => error()).filter((error) => error !== undefined),
  };
}

function client(url: string): Http2Session & ReturnType<typeof connectHttp2> {
  const session = connectHttp2(url);
  onTestFinished(() => void session.destroy());
  return session;
}

interface Answer {
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders | undefined;
}

async function fetchFrom(
  session: ReturnType<typeof client>,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body) stream.end(body);
  const chunks: Buffer[] = [];
  let trailers: IncomingHttpHeaders | undefined;
  stream.on('trailers', (fields: IncomingHttpHeaders) => {
    trailers = fields;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [answer] = (await once(stream, 'response')) as [Answer['headers']];
  if (!stream.readableEnded) await once(stream, 'end');
  return { headers: answer, body: Buffer.concat(chunks), trailers };
}

/** Bytes that tell when one is missing or out of place. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >>> 8)) & 0xff;
  return bytes;
}

/** Sends back what it gets: fields as fields, body as body, and a trailer. */
function echo(event: Http2Event, core: Http2Connection): void {
  if (event.type === 'headers') {
    const sent = event.headers.filter(({ name }) => !name.startsWith(':'));
    core.sendHeaders(event.streamId, [{ name: ':status', value: '200' }, ...sent]);
  }
  if (event.type === 'data') core.sendData(event.streamId, event.data);
  if (event.type === 'end') core.sendHeaders(event.streamId, [{ name: 'check', value: 'sum' }], { endStream: true });
}

describe("node's client and a server of ours", () => {
  test('many streams at once, with fields, bodies and trailers', async () => {
    const { url, errors } = await serve(echo);
    const session = client(url);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        fetchFrom(
          session,
          { ':method': 'POST', ':path': `/${i}`, 'x-number': String(i), 'x-long': 'v'.repeat(i * 20) },
          Buffer.from(`body ${i}`),
        ),
      ),
    );
    answers.forEach(({ headers, body, trailers }, i) => {
      expect([headers[':status'], headers['x-number'], headers['x-long']]).toEqual([
        200,
        String(i),
        'v'.repeat(i * 20),
      ]);
      expect(body.toString()).toBe(`body ${i}`);
      expect(trailers).toMatchObject({ check: 'sum' });
    });
    expect(errors()).toEqual([]);
  });

  test('large bodies both ways, through windows much smaller', async () => {
    const { url, errors } = await serve(echo, { connectionWindow: 65535 });
    const session = client(url);
    const bodies = [pattern(5_000_000), pattern(3_000_001), pattern(1)];
    const answers = await Promise.all(
      bodies.map((body) => fetchFrom(session, { ':method': 'POST', ':path': '/' }, body)),
    );
    answers.forEach(({ body }, i) => {
      expect(body.equals(bodies[i] ?? Buffer.alloc(0))).toBe(true);
    });
    expect(errors()).toEqual([]);
  });

  test('ping, settings, reset and goaway', async () => {
    const { url } = await serve((event, core) => {
      if (event.type === 'headers') core.sendReset(event.streamId, 11);
    });
    const session = client(url);
    await once(session, 'remoteSettings');
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 128, maxHeaderListSize: 65536 });
    await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
    const stream = session.request({ ':path': '/' });
    const [error] = (await once(stream, 'error').catch((reason: unknown) => [reason])) as [Error];
    expect(error.message).toContain('ENHANCE_YOUR_CALM');
  });

  test('every byte that a field may hold', async () => {
    const { url } = await serve(echo);
    const value = String.fromCharCode(
      ...Array.from({ length: 0x5f }, (_, i) => 0x20 + i),
      ...Array.from({ length: 0x80 }, (_, i) => 0x80 + i),
    ).trim();
    const { headers } = await fetchFrom(client(url), { ':path': '/', 'x-bytes': value });
    expect(headers['x-bytes']).toBe(value);
  });
});

describe("a client of ours and node's server", () => {
  test('requests with bodies, at once, with small tables and windows', async () => {
    const server = createHttp2Server({
      settings: { headerTableSize: 200, initialWindowSize: 20_000, maxConcurrentStreams: 1000 },
    });
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200, 'x-path': headers[':path'] ?? '' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ check: 'sum' }));
      stream.pipe(stream);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    // As above.
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const body = pattern(300_000);
    const got = new Map<number, Buffer[]>();
    const trailers: number[] = [];
    const paths: string[] = [];
    let ended = 0;
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const { core, flush, error } = speak(socket, { role: 'client' }, (event) => {
      if (event.type === 'headers') paths.push(event.headers.find(({ name }) => name === 'x-path')?.value ?? '');
      if (event.type === 'data') got.set(event.streamId, [...(got.get(event.streamId) ?? []), event.data]);
      if (event.type === 'trailers') trailers.push(event.streamId);
      if (event.type === 'end' && ++ended === 20) finish();
    });
    for (let i = 0; i < 20; i++) {
      const id = core.openStream();
      core.sendHeaders(
        id,
        [
          { name: ':method', value: 'POST' },
          { name: ':scheme', value: 'http' },
          { name: ':path', value: `/${i}` },
          { name: ':authority', value: 'localhost' },
          { name: 'secret', value: 'never', coding: { indexing: 'never', huffman: 'off' } },
        ],
        { fragmentSize: 7, padding: 9 },
      );
      core.sendData(id, body, { endStream: true, padding: 20 });
    }
    flush();
    await done;
    expect(error()).toBeUndefined();
    expect(paths.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`).sort());
    expect(trailers).toHaveLength(20);
    for (const chunks of got.values()) expect(Buffer.concat(chunks).equals(body)).toBe(true);
    expect(core.openStreams).toEqual([]);
  });
});
