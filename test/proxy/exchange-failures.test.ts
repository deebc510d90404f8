import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import { unhandledDuring } from '../kit/unhandled.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { http1Host, routeTo } from './http1-host.js';
import type { HostSettings } from './http1-host.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

const streaming: HostSettings = {
  addons: [
    {
      requestheaders: ({ request }: HttpFlow) => {
        request.stream = true;
      },
      responseheaders: ({ response }: HttpFlow) => {
        if (response !== undefined) response.stream = true;
      },
    },
  ],
};

/** How many of the hooks end a flow. */
function endings(names: readonly string[]): number {
  return names.filter((name) => name === 'response' || name === 'error').length;
}

describe('a server that fails', () => {
  it('to be there is told of on a page, which names it, and nothing in it is markup', async () => {
    const gone = await rawServer();
    await gone.close();
    const host = await http1Host();
    const client = await host.client();
    await client.send(`GET http://127.0.0.1:${String(gone.port)}/<b> HTTP/1.1\r\n\r\n`).untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n.*Connection: close\r\n/s);
    expect(client.text).toContain(`127.0.0.1:${String(gone.port)}`);
    expect(client.text).toContain('connection refused');
    expect(client.text).not.toContain('<b>');
    expect(host.names()).toEqual(['requestheaders', 'request', 'error']);
    expect(host.hooks).toContain('serverConnectError');
  });

  const tries: readonly [what: string, act: (peer: Peer) => void, why: RegExp, hasHead?: boolean][] = [
    ['by its end', (peer) => peer.end(), /gave no answer/],
    ['by a reset', (peer) => peer.socket.resetAndDestroy(), /gave no answer: Connection reset by peer/],
    ['with what is no response', (peer) => peer.send('NOPE\r\n\r\n'), /cannot be read: Bad HTTP response line/],
    [
      'with half a head',
      (peer) => peer.send('HTTP/1.1 200 OK\r\nA').end(),
      /cannot be read: Server disconnected after/,
    ],
    ['with a length that is none', (peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'), /Unparseable/],
    [
      'with lengths that differ',
      (peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'),
      /Conflicting Content Length/,
    ],
    ['with half a body', (peer) => peer.send(ok.slice(0, -1)).end(), /body cut short: got 1 of 2 bytes/, true],
    ['with half a chunked body', (peer) => peer.send(`${chunked}2\r\na`).end(), /body cut short/, true],
    [
      'with no chunks where some must be',
      (peer) => peer.send(`${chunked}x\r\n`),
      /Invalid chunked encoding length/,
      true,
    ],
    ['with a change of protocol', (peer) => peer.send('HTTP/1.1 101 S\r\n\r\n'), /changed the protocol/, true],
    [
      'with two lengths',
      (peer) => peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n'),
      /both Transfer-Encoding and Content-Length/,
    ],
  ];

  it.each(tries)('%s is told of on a page', async (_, act, why, hasHead = false) => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => act(peer));
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send(get).untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect((await host.event('error')).error?.message).toMatch(why);
    const at = `127.0.0.1:${String(server.port)}`;
    expect(client.text).toContain(
      hasHead ? `<p>The response of ${at} cannot be passed on.</p>` : `<p>No response from ${at}.</p>`,
    );
    await host.settled();
    expect(endings(host.names())).toBe(1);
    expect(host.hooks.at(-1)).not.toBe('serverConnected');
    expect(host.hooks.filter((hook) => hook === 'serverDisconnected')).toHaveLength(1);
  });

  it('in a body by a reset does not look like the end of the body', async () => {
    const server = await rawServer((peer) => peer.send('HTTP/1.1 200 OK\r\n\r\na'));
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    client.send(get);
    // A reset that comes together with bytes is an end for Node.
    await host.event('responseheaders');
    (await server.peer()).socket.resetAndDestroy();
    await client.untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 .*Connection reset by peer/s);
    expect(host.names().at(-1)).toBe('error');
  });

  it('in a body that is on its way to the client ends the connection so that it is noticed', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na').end());
    });
    const host = await http1Host({ route: routeTo(server.port), ...streaming });
    const client = await host.client();
    await client.send(get).closed();
    expect(client.text).toBe('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na');
    expect(host.names().at(-1)).toBe('error');
    expect(endings(host.names())).toBe(1);
  });

  it('while the request is still arriving answers at once', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.socket.resetAndDestroy());
    });
    const host = await http1Host({ route: routeTo(server.port), ...streaming });
    const client = await host.client();
    await client.send('POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na').untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 /);
    expect(host.names()).toEqual(['requestheaders', 'error']);
  });
});

describe('a connection to a server that was used before', () => {
  /** The server answers once on each connection, and then does this with the next request. */
  async function secondTry(
    act: (peer: Peer) => void,
  ): Promise<{ client: Peer; connections: () => number; host: Http1Names }> {
    const server = await rawServer((peer) => {
      void peer
        .until('\r\n\r\n')
        .then(() => peer.send(ok).until((all) => all.toString().split('\r\n\r\n').length > 2))
        .then(
          () => act(peer),
          () => undefined,
        );
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send(get).until(ok);
    return { client, host, connections: () => server.peers.length };
  }

  interface Http1Names {
    names(): string[];
  }

  it('and fails before it answers is replaced by a new one', async () => {
    const { client, connections, host } = await secondTry((peer) => peer.socket.resetAndDestroy());
    await client.send(get).until((all) => all.length === 2 * ok.length);
    expect(connections()).toBe(2);
    expect(endings(host.names())).toBe(2);
    expect(host.names()).not.toContain('error');
  });

  it('is not when the request may have had its effect', async () => {
    const { client, connections } = await secondTry((peer) => peer.end());
    await client.send(post).untilEnd();
    expect(client.text).toContain('502 Bad Gateway');
    expect(connections()).toBe(1);
  });

  it('is not when it answered something', async () => {
    const { client, connections } = await secondTry((peer) => peer.send('HTTP/1').end());
    await client.send(get).untilEnd();
    expect(client.text).toContain('502 Bad Gateway');
    expect(connections()).toBe(1);
  });

  it.each(['end', 'resetAndDestroy'] as const)('is not when a 1xx came: %s', async (how) => {
    for (const informational of ['HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n']) {
      let server: Peer | undefined;
      const { client, connections } = await secondTry((peer) => (server = peer.send(informational)));
      await client.send(get).until(informational);
      server?.socket[how]();
      await client.untilEnd();
      expect(client.text).toContain('502 Bad Gateway');
      expect(connections()).toBe(1);
    }
  });

  it('is not used again when the server has ended it', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send(ok));
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send(get).until(ok);
    await (await server.peer(0)).end().untilEnd();
    expect(host.hooks.at(-1)).toBe('serverDisconnected');
    await client.send(post).until((all) => all.length === 2 * ok.length);
    expect(server.peers).toHaveLength(2);
  });

  it('is not used again when the server said what nobody asked for', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send(`${ok}HTTP/1.1 200 Smuggled\r\n\r\n`));
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    for (let i = 1; i <= 2; i++) await client.send(post).until((all) => all.length === i * ok.length);
    expect(client.text).toBe(ok + ok);
    await (await server.peer(0)).untilEnd();
  });
});

describe('a client that leaves', () => {
  it.each([
    ['before its body is there', 'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na', ['requestheaders', 'error']],
    ['while it waits for the answer', get, ['requestheaders', 'request', 'error']],
  ])('%s gives the flow an error', async (_, request, names) => {
    for (const how of ['end', 'resetAndDestroy'] as const) {
      const server = await rawServer();
      const host = await http1Host({ route: routeTo(server.port) });
      const client = await host.client();
      client.send(request);
      if (names.includes('request')) await (await server.peer()).until('\r\n\r\n');
      else await host.event('requestheaders');
      client.socket[how]();
      expect((await host.event('error')).error?.message).toBe('Client disconnected.');
      await host.settled();
      expect(host.names()).toEqual(names);
      if (names.includes('request')) await (await server.peer()).untilEnd();
    }
  });

  it('in the middle of a head has no flow', async () => {
    const host = await http1Host();
    const client = await host.client();
    client.send('GET / HT').end();
    await host.settled();
    expect(host.names()).toEqual([]);
  });

  it('while a body passes on to it lets the server go', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na'));
    });
    const host = await http1Host({ route: routeTo(server.port), ...streaming });
    const client = await host.client();
    await client.send(get).until('\r\n\r\na');
    client.socket.destroy();
    await (await server.peer()).untilEnd();
    expect((await host.event('error')).error?.message).toBe('Client disconnected.');
    expect(endings(host.names())).toBe(1);
  });

  it('while its flow is held leaves it held', async () => {
    const server = await rawServer();
    const host = await http1Host({
      route: routeTo(server.port),
      addons: [
        {
          request: (flow: HttpFlow) => {
            flow.intercept();
          },
        },
      ],
    });
    const client = await host.client();
    client.send(get);
    const flow = await host.event('request');
    client.socket.destroy();
    await new Promise((resolve) => client.socket.once('close', resolve));
    expect(flow.intercepted).toBe(true);
    flow.resume();
    expect((await host.event('error')).error?.message).toBe('Client disconnected.');
    expect(server.peers).toHaveLength(0);
  });
});

describe('whatever ends, and whenever', () => {
  const request = 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody';
  const response = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n';

  it.each([{}, streaming])('a flow has one ending, and nothing is left', async (settings) => {
    const reasons = await unhandledDuring(async () => {
      for (const who of ['client', 'server'] as const) {
        for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) {
          for (let at = 0; at <= (who === 'client' ? request : response).length; at += 7) {
            const server = await rawServer((peer) => {
              void peer.until('body').then(
                () => {
                  peer.send(who === 'server' ? response.slice(0, at) : response);
                  if (who === 'server') peer.socket[how]();
                },
                () => undefined,
              );
            });
            const host = await http1Host({ route: routeTo(server.port), ...settings });
            const client = await host.client();
            client.send(who === 'client' ? request.slice(0, at) : request);
            if (who === 'client') client.socket[how]();
            await client.closed();
            await host.settled();
            const begun = host.names().filter((name) => name === 'requestheaders').length;
            expect(endings(host.names()), `${who} ${how} ${String(at)}`).toBe(begun);
            const connected = host.hooks.filter((hook) => hook === 'serverConnected').length;
            expect(host.hooks.filter((hook) => hook === 'serverDisconnected')).toHaveLength(connected);
          }
        }
      }
    });
    expect(reasons).toEqual([]);
  });
});
