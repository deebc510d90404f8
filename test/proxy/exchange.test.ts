import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { FlowHookName } from '../../src/proxy/hooks/hook-table.js';
import { Response } from '../../src/proxy/message/response.js';
import { http1Host, routeTo } from './http1-host.js';
import type { HostSettings, Http1Host } from './http1-host.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A host before a server that answers when all of this came, and a client of it. */
async function between(
  settings: HostSettings,
  whenCame: string,
  answer: string | ((peer: Peer) => void) = ok,
): Promise<{ host: Http1Host; client: Peer; server: () => Promise<Peer> }> {
  const server = await rawServer((peer) => {
    peer.until(whenCame).then(
      () => (typeof answer === 'string' ? peer.send(answer) : answer(peer)),
      () => undefined,
    );
  });
  const host = await http1Host({ route: routeTo(server.port), ...settings });
  return { host, client: await host.client(), server: () => server.peer() };
}

/** An addon with one function, about flows. */
function on<F = HttpFlow>(hook: FlowHookName, act: (flow: F) => unknown): HostSettings {
  return { addons: [{ [hook]: act }] };
}

describe('what addons change', () => {
  it('in a request is what the server gets', async () => {
    const { client, server } = await between(
      on('request', ({ request }) => {
        request.method = 'PUT';
        request.path = '/b';
        request.headers.set('X-New', '1');
        request.content = Buffer.from('changed');
      }),
      'changed',
    );
    await client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi').until(ok);
    expect((await server()).text).toBe('PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nX-New: 1\r\n\r\nchanged');
  });

  it('in a response is what the client gets', async () => {
    const { client } = await between(
      on('response', ({ response }) => {
        if (response === undefined) return;
        response.statusCode = 404;
        response.reason = 'Gone';
        response.rawContent = Buffer.from('longer');
      }),
      '\r\n\r\n',
    );
    await client.send(get).until('longer');
    expect(client.text).toBe('HTTP/1.1 404 Gone\r\nContent-Length: 6\r\n\r\nlonger');
  });

  it('of host and port leads the request to another server', async () => {
    const other = await rawServer((peer) => peer.send(ok));
    const { host, client } = await between(
      on('request', ({ request }) => {
        request.port = other.port;
      }),
      '\r\n\r\n',
      'HTTP/1.1 500 No\r\n\r\n',
    );
    await client.send(get).until(ok);
    expect((await host.event('response')).serverConn.address).toEqual(['127.0.0.1', other.port]);
  });

  it('of the way leads the request through a proxy', async () => {
    const proxy = await rawServer((peer) => peer.send(ok));
    const { client } = await between(
      on('requestheaders', ({ request, serverConn }) => {
        request.host = 'a.test';
        serverConn.via = ['http', ['127.0.0.1', proxy.port]];
      }),
      'never',
    );
    await client.send(get).until(ok);
    expect((await proxy.peer()).text).toMatch(/^GET http:\/\/a\.test:\d+\/ HTTP\/1\.1\r\nHost: a\.test\r\n\r\n$/);
  });

  it.each(['requestheaders', 'request'] as const)('a response in %s is sent, and no server asked', async (hook) => {
    const { host, client } = await between(
      on(hook, (flow) => {
        flow.response = Response.make(418, 'tea', { 'X-A': 'b' });
      }),
      'never',
    );
    await client.send('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi').until('tea');
    expect(client.text).toMatch(/^HTTP\/1\.1 418 [^\r]*\r\nX-A: b\r\ncontent-length: 3\r\n\r\ntea$/);
    expect(host.hooks.filter((name) => name !== 'clientConnected')).toEqual(['requestheaders', 'request', 'response']);
    const { request, response } = await host.event('response');
    expect(request.text).toBe('hi');
    expect(response?.timestampStart).toBeGreaterThan(0);
  });

  it('a response in responseheaders takes the place of that of the server', async () => {
    const { host, client } = await between(
      on('responseheaders', (flow) => {
        flow.response = Response.make(200, 'ours');
      }),
      '\r\n\r\n',
    );
    await client.send(get).until('ours');
    expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
  });

  it.each(['requestheaders', 'request'] as const)('to null in %s is no response', async (hook) => {
    const { host, client } = await between(
      on(hook, (flow: { response: unknown }) => {
        flow.response = null;
      }),
      '\r\n\r\n',
    );
    await client.send(get).until(ok);
    expect((await host.event('response')).response?.text).toBe('hi');
    expect(host.lines.filter((line) => line.startsWith('error: '))).toEqual([]);
  });

  it.each(['responseheaders', 'response'] as const)('take no response away in %s', async (hook) => {
    const { host, client } = await between(
      on(hook, (flow) => {
        flow.response = undefined;
      }),
      '\r\n\r\n',
    );
    await client.send(get).until(ok);
    expect((await host.event('response')).response?.text).toBe('hi');
    expect(host.lines.filter((line) => line.startsWith('error: '))).toEqual([
      expect.stringContaining(`addon addon failed in ${hook}: response takes a Response once there is one`),
    ]);
  });

  it.each(['requestheaders', 'request', 'responseheaders', 'response'] as const)(
    'to what is no response in %s is refused, and the message passes',
    async (hook) => {
      const { host, client } = await between(
        on(hook, (flow: { response: unknown }) => {
          flow.response = { statusCode: 200, headers: {} };
        }),
        '\r\n\r\n',
      );
      await client.send(get).until(ok);
      const lines = host.lines.filter((line) => line.startsWith('error: '));
      expect(lines).toHaveLength(1);
      // The place is where it was set, not where it was refused.
      expect(lines[0]).toMatch(
        new RegExp(
          `^error: addon addon failed in ${hook}: response takes a Response, such as .* \\(at .*exchange\\.test\\.ts:\\d+:\\d+\\)$`,
        ),
      );
      expect((await host.event('response')).error).toBeUndefined();
    },
  );

  it('is waited for, and a flow that is held as well', async () => {
    const { host, client } = await between(
      on('request', async (flow) => {
        await Promise.resolve();
        flow.intercept();
      }),
      'PATCH',
    );
    client.send(get);
    const flow = await host.event('request');
    flow.request.method = 'PATCH';
    await new Promise((resolve) => setImmediate(resolve));
    flow.resume();
    await client.until(ok);
  });

  it('by an error of an addon is nothing', async () => {
    const { host, client } = await between(
      on('request', () => {
        throw new Error('oh');
      }),
      '\r\n\r\n',
    );
    await client.send(get).until(ok);
    expect(host.lines.join()).toContain('oh');
  });
});

describe('a flow that is killed', () => {
  it.each([
    ['requestheaders', ['requestheaders', 'error']],
    ['request', ['requestheaders', 'request', 'error']],
    ['responseheaders', ['requestheaders', 'request', 'responseheaders', 'error']],
    ['response', ['requestheaders', 'request', 'responseheaders', 'response']],
  ] as const)('in %s gets no response', async (hook, names) => {
    const { host, client } = await between(
      on(hook, (flow) => {
        flow.kill();
      }),
      '\r\n\r\n',
    );
    await client.send(get).closed();
    expect(client.text).toBe('');
    await host.settled();
    expect(host.names()).toEqual(names);
    const { error, live } = await host.event(hook);
    expect([error?.message, live]).toEqual(['Connection killed.', false]);
  });

  it('while the server is asked gets none either', async () => {
    const { host, client, server } = await between({}, '\r\n\r\n', () => undefined);
    client.send(get);
    await (await server()).until('\r\n\r\n');
    (await host.event('request')).kill();
    await client.closed();
    await (await server()).untilEnd();
    expect(host.names()).toEqual(['requestheaders', 'request', 'error']);
  });

  it('while it is held is let go', async () => {
    const { host, client } = await between(
      on('request', (flow) => {
        flow.intercept();
      }),
      'never',
    );
    client.send(get);
    (await host.event('request')).kill();
    await client.closed();
    expect(host.names()).toEqual(['requestheaders', 'request', 'error']);
  });
});

describe('bodies that pass as they arrive', () => {
  const post = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';

  it('reach the server piece by piece, and are not kept', async () => {
    const { host, client, server } = await between(
      on('requestheaders', ({ request }) => {
        request.stream = true;
      }),
      '0\r\n\r\n',
    );
    client.send(`${post}1\r\na\r\n`);
    const peer = await server();
    await peer.until('1\r\na\r\n');
    expect(host.names()).toEqual(['requestheaders']);
    client.send('2\r\nbc\r\n0\r\nT: 1\r\n\r\n');
    await peer.until('2\r\nbc\r\n0\r\nT: 1\r\n\r\n');
    peer.send(ok);
    await client.until(ok);
    const flow = await host.event('response');
    expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
    expect([flow.request.rawContent, flow.request.trailers?.get('t')]).toEqual([undefined, '1']);
  });

  it('reach the client piece by piece', async () => {
    const { host, client, server } = await between(
      on('responseheaders', ({ response }) => {
        if (response !== undefined) response.stream = true;
      }),
      '\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab',
    );
    await client.send(get).until('\r\n\r\nab');
    expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders']);
    (await server()).send('cd');
    await client.until('abcd');
    expect((await host.event('response')).response?.rawContent).toBeUndefined();
  });

  it('are changed by a filter, and chunks take the place of a length', async () => {
    const upper = (chunk: Buffer): Iterable<Buffer> =>
      chunk.length === 0 ? [Buffer.from('!')] : [Buffer.from(chunk.toString().toUpperCase()), Buffer.alloc(0)];
    const { host, client, server } = await between(
      {
        options: { storeStreamedBodies: true },
        addons: [
          {
            requestheaders: ({ request }: HttpFlow) => {
              request.stream = (chunk) => Buffer.concat([...upper(chunk)]);
            },
            responseheaders: ({ response }: HttpFlow) => {
              if (response !== undefined) response.stream = upper;
            },
          },
        ],
      },
      '0\r\n\r\n',
    );
    await client.send('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab').until('0\r\n\r\n');
    expect(client.text).toBe('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nHI\r\n1\r\n!\r\n0\r\n\r\n');
    expect((await server()).text).toBe(
      'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nAB\r\n1\r\n!\r\n0\r\n\r\n',
    );
    const { request, response } = await host.event('response');
    expect([request.text, response?.text]).toEqual(['AB!', 'HI!']);
  });

  it('fail with a filter that throws', async () => {
    const { host, client } = await between(
      on('responseheaders', ({ response }) => {
        if (response !== undefined)
          response.stream = () => {
            throw new Error('broken filter');
          };
      }),
      '\r\n\r\n',
    );
    await client.send(get).closed();
    expect((await host.event('error')).error?.message).toContain('broken filter');
    expect(host.names().slice(-2)).toEqual(['responseheaders', 'error']);
  });

  it.each([
    ['Content-Length: 6\r\n\r\nabcdef', true],
    ['Content-Length: 5\r\n\r\nabcde', false],
    ['Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n', true],
    ['Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n', false],
  ])('are those above stream_large_bodies: %j', async (message, isStreamed) => {
    const { host, client, server } = await between(
      { options: { streamLargeBodies: '5' } },
      message.slice(-5),
      `HTTP/1.1 200 OK\r\n${message}`,
    );
    await client.send(`POST / HTTP/1.1\r\n${message}`).until(message);
    expect((await server()).text).toBe(`POST / HTTP/1.1\r\n${message}`);
    const { request, response } = await host.event('response');
    expect([request.rawContent, response?.rawContent].map((body) => body === undefined)).toEqual([
      isStreamed,
      isStreamed,
    ]);
  });

  it('are kept when store_streamed_bodies is set', async () => {
    const message = 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n';
    const { host, client } = await between(
      { options: { streamLargeBodies: '2', storeStreamedBodies: true } },
      '0\r\n\r\n',
      `HTTP/1.1 200 OK\r\n${message}`,
    );
    await client.send(`POST / HTTP/1.1\r\n${message}`).until(message);
    const { request, response } = await host.event('response');
    expect([request.text, response?.text]).toEqual(['abcdef', 'abcdef']);
  });

  it('are events, none of which waits for the next', async () => {
    const { client, server } = await between(
      { options: { streamLargeBodies: '1m' } },
      '\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n',
    );
    await client.send(get).until('event-stream');
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      (await server()).send(event);
      await client.until(event);
    }
    (await server()).end();
    await client.until('0\r\n\r\n');
  });
});

describe('bodies above body_size_limit', () => {
  it.each(['Content-Length: 6\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n'])(
    'of requests are refused: %j',
    async (rest) => {
      const { host, client } = await between({ options: { bodySizeLimit: '5' } }, 'never');
      await client.send(`POST / HTTP/1.1\r\n${rest}`).untilEnd();
      expect(client.text).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
      expect(host.names()).toEqual(['requestheaders', 'error']);
      expect((await host.event('error')).error?.message).toContain('body_size_limit');
    },
  );

  it.each(['Content-Length: 6\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n', '\r\nabcdef'])(
    'of responses are refused: %j',
    async (rest) => {
      const settings = { options: { bodySizeLimit: '5' } };
      const { host, client } = await between(settings, '\r\n\r\n', `HTTP/1.1 200 OK\r\n${rest}`);
      await client.send(get).untilEnd();
      expect(client.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
      expect(client.text).toMatch(/<p>The response of 127\.0\.0\.1:\d+ cannot be passed on\.<\/p>\n.*body_size_limit/);
      expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders', 'error']);
    },
  );
});

describe('body_size_limit together with stream_large_bodies', () => {
  const options = { streamLargeBodies: '5', bodySizeLimit: '10' };

  it('lets pass what was begun to be streamed, in both directions', async () => {
    const message = `Transfer-Encoding: chunked\r\n\r\n${'4\r\nabcd\r\n'.repeat(4)}0\r\n\r\n`;
    const { client, server } = await between({ options }, '0\r\n\r\n', `HTTP/1.1 200 OK\r\n${message}`);
    await client.send(`POST / HTTP/1.1\r\n${message}`).until('\r\n0\r\n\r\n');
    for (const { text } of [client, await server()]) expect(text.match(/[a-d]{4}/g)?.join('')).toBe('abcd'.repeat(4));
  });

  it.each(['Content-Length: 16\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n10\r\nabcdabcdabcdabcd\r\n'])(
    'refuses what is too large from the first, in both directions: %j',
    async (rest) => {
      const { host, client } = await between({ options }, '\r\n\r\n', `HTTP/1.1 200 OK\r\n${rest}`);
      expect(String(await client.send(`POST / HTTP/1.1\r\n${rest}`).untilEnd())).toMatch(/^HTTP\/1\.1 413 /);
      const other = await host.client();
      expect(String(await other.send(get).untilEnd())).toMatch(/^HTTP\/1\.1 502 /);
    },
  );
});

describe('another protocol', () => {
  it('is passed on in both directions after 101', async () => {
    const answer = 'HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nfrom server';
    const { host, client, server } = await between({}, '\r\n\r\n', answer);
    await client.send('GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nfrom client').until('from server');
    await (await server()).until('from client');
    client.send('more').end();
    await (await server()).until('more');
    (await server()).end();
    await client.untilEnd();
    await host.settled();
    expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
    expect(host.hooks.filter((hook) => hook.startsWith('tcp'))).toEqual([
      'tcpStart',
      'tcpMessage',
      'tcpMessage',
      'tcpMessage',
      'tcpEnd',
    ]);
  });
});

describe('a WebSocket', () => {
  it('is read when both sides agreed on it', async () => {
    const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    const answer = `HTTP/1.1 101 S\r\n${upgrade}Sec-WebSocket-Accept: ${accept}\r\n\r\n\x81\x02hi`;
    const { host, client } = await between({}, '\r\n\r\n', answer);
    client.send(`GET / HTTP/1.1\r\n${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    await client.until('\x81\x02hi');
    expect(host.hooks).toContain('websocketMessage');
    expect((await host.event('response')).websocket?.messages[0]?.text).toBe('hi');
    client.socket.destroy();
    await host.settled();
  });
});
