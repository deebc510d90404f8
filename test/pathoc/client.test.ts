import { describe, expect, test } from 'vitest';
import {
  ConnectionError,
  FileAccessDenied,
  OptionError,
  ProtocolError,
  SpecError,
  TimeoutError,
} from '../../src/errors.js';
import { parseRequests } from '../../src/language/index.js';
import { staticFiles } from '../../src/net/static-files.js';
import { Pathoc } from '../../src/pathoc/index.js';
import type { ConnectOptions } from '../../src/pathoc/index.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { unhandledDuring } from '../kit/unhandled.js';
import { answering, nodeServer } from './servers.js';

function connect(port: number, options: Partial<ConnectOptions> = {}): Promise<Pathoc> {
  return Pathoc.connect({ host: '127.0.0.1', port, ...options });
}

describe('request', () => {
  test('gives the whole answer', async () => {
    const { port } = await answering([
      'HTTP/1.1 103 Early\r\nA: 1\r\n\r\n' +
        'HTTP/1.0 200 Fine\xe9\r\nX-a: 1\r\nx-A: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nT: 9\r\n\r\n',
    ]);
    await using client = await connect(port);
    const response = await client.request('get:/');
    expect(response).toMatchObject({
      code: 200,
      codeText: '200',
      reason: 'Fine\xe9',
      httpVersion: 'HTTP/1.0',
      bodyLength: 3,
      truncated: false,
    });
    expect(response.body.toString()).toBe('abc');
    expect(response.startLine.toString('latin1')).toBe('HTTP/1.0 200 Fine\xe9');
    expect(response.headers.getAll('x-a')).toEqual(['1', '2']);
    expect(response.headers.entries()[0]).toEqual(['X-a', '1']);
    expect(response.trailers?.get('t')).toBe('9');
    expect(response.informational.map(({ code, reason }) => [code, reason])).toEqual([[103, 'Early']]);
  });

  test('one after the other, also when they are made at once', async () => {
    const port = await nodeServer((request, response) => response.end(request.url));
    await using client = await connect(port);
    const answers = await Promise.all(['get:/a', 'get:/b', "get:'/c'"].map((spec) => client.request(spec)));
    expect(answers.map(({ body }) => body.toString())).toEqual(['/a', '/b', '/c']);
  });

  test('keeps of the body what it is told to', async () => {
    const port = await nodeServer((_, response) => response.end('0123456789'));
    await using client = await connect(port, { maximumBody: 4 });
    const { body, bodyLength, truncated } = await client.request('get:/');
    expect([body.toString(), bodyLength, truncated]).toEqual(['0123', 10, true]);
  });

  test('takes a message as well as a spec, and only one request', async () => {
    const port = await nodeServer((_, response) => response.end());
    await using client = await connect(port);
    const [message] = parseRequests('get:/');
    if (message === undefined) throw new Error('no message');
    expect((await client.request(message)).code).toBe(200);
    await expect(client.request('get:/:x2')).rejects.toThrow(TypeError);
    await expect(client.request('wf')).rejects.toThrow(TypeError);
    await expect(client.request('get:/:q')).rejects.toThrow(SpecError);
    expect((await client.request('get:/')).code).toBe(200);
  });

  test('the same seed sends the same', async () => {
    const bytes: string[] = [];
    for (let i = 0; i < 2; i++) {
      const server = await rawServer();
      const client = await connect(server.port, { seed: 5 });
      await client.send('get:@9,digits get:@9,digits');
      await client.close();
      bytes.push((await (await server.peer()).untilEnd()).toString());
    }
    expect(bytes[0]).toBe(bytes[1]);
    const [first, second] = bytes[0]?.match(/GET \d+/g) ?? [];
    expect(first).not.toBe(second);
  });

  test('through a proxy', async () => {
    const server = await answering(['HTTP/1.1 200 Yes\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']);
    await using client = await connect(server.port, { connectTo: 'example.com:81' });
    expect((await client.request('get:/')).code).toBe(200);
    expect((await server.peer()).text).toMatch(/^CONNECT example\.com:81 HTTP\/1\.1\r\n/);
  });
});

describe('errors', () => {
  test('a refused connection', async () => {
    const server = await rawServer();
    await server.close();
    await expect(connect(server.port)).rejects.toThrow(ConnectionError);
  });

  test('options that are not valid', async () => {
    await expect(connect(1, { connectTo: 'nowhere' })).rejects.toThrow(OptionError);
    await expect(connect(70000)).rejects.toThrow(OptionError);
    await expect(connect(1, { timeout: -1 })).rejects.toThrow(OptionError);
  });

  test('options that are not known, with what was meant', async () => {
    const given = (options: object): Promise<Pathoc> => connect(1, options);
    await expect(given({ tiemout: 1 })).rejects.toThrow(
      new OptionError('unknown option tiemout, did you mean timeout?'),
    );
    await expect(given({ maximumbody: 1 })).rejects.toThrow('unknown option maximumbody, did you mean maximumBody?');
    await expect(given({ repeat: 1 })).rejects.toThrow(new OptionError('unknown option repeat'));
  });

  test.each([['127.0.0.1:80'], [undefined], [null], [80], [{}], [{ port: 80 }], [{ host: 80 }], [{ host: '' }]])(
    'connecting to %j is misuse',
    async (given) => {
      // What callers without TypeScript may do.
      const wrong = Pathoc.connect(given as unknown as ConnectOptions);
      await expect(wrong).rejects.toThrow(TypeError);
      await expect(wrong).rejects.toThrow(/^Pathoc\.connect (takes an object|needs a host)/);
    },
  );

  test('a proxy that refuses', async () => {
    const { port } = await answering(['HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n']);
    await expect(connect(port, { connectTo: { host: '::1', port: 81 } })).rejects.toThrow(
      'Proxy CONNECT failed: 403 No',
    );
  });

  test('an answer that is not valid, with the error of the network as its cause', async () => {
    const { port } = await answering(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'], { end: true });
    await using client = await connect(port);
    await expect(client.request('get:/')).rejects.toThrow(new ProtocolError('body cut short: got 2 of 5 bytes'));

    const server = await rawServer();
    await using other = await connect(server.port);
    const answer = other.request('get:/');
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    peer.socket.resetAndDestroy();
    await expect(answer).rejects.toMatchObject({ message: 'Server disconnected', cause: { code: 'ECONNRESET' } });
  });

  test('no answer in time; the connection is closed then', async () => {
    const server = await rawServer();
    const clock = new ManualClock();
    await using client = await connect(server.port, { timeout: 3, clock });
    const answer = client.request('get:/');
    await (await server.peer()).until('\r\n\r\n');
    await clock.untilWaiting(3000);
    clock.advance(3000);
    await expect(answer).rejects.toThrow(TimeoutError);
    await expect(client.request('get:/')).rejects.toThrow(ConnectionError);
    expect(clock.waiting).toEqual([]);
  });

  test('a request that disconnects: request() throws, send() tells', async () => {
    const server = await rawServer();
    await using client = await connect(server.port);
    await expect(client.request('get:/:d5')).rejects.toThrow('the message closed the connection itself');
    await using other = await connect(server.port);
    expect(await other.send('get:/:d3 get:/')).toBe('disconnected');
    await expect(other.send('get:/')).rejects.toThrow();
    expect((await (await server.peer(1)).untilEnd()).toString()).toBe('GET');
  });

  test('files that may not be read', async () => {
    const { port } = await rawServer();
    await using client = await connect(port, { files: staticFiles(undefined) });
    await expect(client.send('get:/:b<package.json')).rejects.toThrow(FileAccessDenied);
    await using other = await connect(port);
    expect(await other.send('get:/:b<package.json')).toBe('sent');
  });

  test('two readers at once', async () => {
    const { port } = await rawServer();
    await using client = await connect(port);
    const frame = client.frames().next();
    await expect(client.request('get:/')).rejects.toThrow(TypeError);
    await client.close();
    await frame;
  });
});

test('codes are given as numbers and as they were sent', async () => {
  const { port } = await answering([
    'HTTP/1.1 100 A\r\n\r\nHTTP/1.1 0404 B\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 99999999999999999999999 C\r\nContent-Length: 0\r\n\r\n',
  ]);
  await using client = await connect(port);
  const first = await client.request('get:/');
  expect([first.code, first.codeText, first.informational[0]?.codeText]).toEqual([404, '0404', '100']);
  expect(await client.request('get:/')).toMatchObject({ code: 1e23, codeText: '99999999999999999999999' });
});

test('a peer that answers and reads no more: the answer is given, and the connection is closed', async () => {
  const server = await rawServer((peer) => peer.send('HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n').socket.pause());
  await using client = await connect(server.port, { timeout: 0.2 });
  expect((await client.request('post:/:b@100m')).code).toBe(413);
  await expect(client.request('get:/')).rejects.toThrow(ConnectionError);
});

describe('the end', () => {
  test('close() lets the peer have all bytes, may be called twice, and leaves nothing', async () => {
    const server = await rawServer();
    const client = await connect(server.port);
    await client.send('post:/:b@300k,ascii');
    await Promise.all([client.close(), client.close()]);
    await client.close();
    const peer = await server.peer();
    expect((await peer.untilEnd()).length).toBeGreaterThan(300 * 1024);
    expect(peer.error).toBeUndefined();
    await expect(client.request('get:/')).rejects.toThrow(ConnectionError);
  });

  test('the signal, destroy() and close() end what is under way, with nothing unhandled', async () => {
    const server = await rawServer();
    const lost = await unhandledDuring(async () => {
      for (const how of ['signal', 'destroy', 'close'] as const) {
        const over = new AbortController();
        const client = await connect(server.port, { signal: over.signal });
        const answer = client.request('get:/:pa,f');
        if (how === 'signal') over.abort();
        else if (how === 'destroy') client.destroy();
        else await client.close();
        await expect(answer).rejects.toThrow(ConnectionError);
        await client.close();
      }
    });
    expect(lost).toEqual([]);
  });

  test('a signal that has aborted already', async () => {
    const { port } = await rawServer();
    await expect(connect(port, { signal: AbortSignal.abort() })).rejects.toThrow(ConnectionError);
  });
});
