// A body of which only a part arrived is not kept: what is kept is all of it, or nothing.
import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Response } from '../../src/proxy/message/response.js';
import { http1Host, routeTo } from './http1-host.js';
import type { HostSettings, Http1Host } from './http1-host.js';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const part = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc';
const chunk = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';

const streaming: HostSettings = {
  options: { storeStreamedBodies: true },
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

const waysToPass: readonly [how: string, settings: HostSettings][] = [
  ['gathered', {}],
  ['streamed and stored', streaming],
];

/** A host before a server that does this when a request came. */
async function before(act: (peer: Peer) => void, settings: HostSettings): Promise<[Http1Host, Peer]> {
  const server = await rawServer((peer) => {
    peer.until('\r\n\r\n').then(
      () => act(peer),
      () => undefined,
    );
  });
  const host = await http1Host({ route: routeTo(server.port), ...settings });
  return [host, await host.client()];
}

/** The bodies of a flow that failed. */
async function failed(host: Http1Host): Promise<[request: string | undefined, response: string | undefined]> {
  const { request, response, error } = await host.event('error');
  expect(error).toBeDefined();
  return [request.rawContent?.toString(), response?.rawContent?.toString()];
}

describe.each(waysToPass)('a body that is %s', (how, settings) => {
  it.each([
    ['ends it early', part],
    ['leaves out the last chunk', chunk],
    ['sends chunks that are none', `${chunk}zz\r\n`],
  ])('is not kept when the server %s', async (_, bytes) => {
    const [host, client] = await before((peer) => peer.send(bytes).end(), settings);
    await client.send(get).closed();
    expect(await failed(host)).toEqual(['', undefined]);
    const { response } = await host.event('error');
    expect([response?.statusCode, response?.timestampEnd]).toEqual([200, undefined]);
  });

  const ends: readonly [what: string, end: (client: Peer, server: Peer, flow: HttpFlow) => unknown][] = [
    ['the client leaves', (client) => client.socket.destroy()],
    ['the server resets', (_, server) => server.socket.resetAndDestroy()],
    ['the flow is killed', (_, __, flow) => flow.kill()],
  ];
  it.each(ends)('is not kept when %s', async (_, end) => {
    let server: Peer | undefined;
    const [host, client] = await before((peer) => (server = peer.send(part)), settings);
    client.send(get);
    const flow = await host.event('responseheaders');
    if (how !== 'gathered') await client.until('abc');
    if (server === undefined) throw new Error('no server was asked');
    end(client, server, flow);
    expect(await failed(host)).toEqual(['', undefined]);
  });

  it('is not kept when it is that of a request, and the client leaves', async () => {
    for (const body of ['Content-Length: 9\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n']) {
      const [host, client] = await before(() => undefined, settings);
      client.send(`POST / HTTP/1.1\r\n${body}`);
      await host.event('requestheaders');
      client.socket.destroy();
      expect(await failed(host)).toEqual([undefined, undefined]);
    }
  });
});

describe('a body that is larger than body_size_limit', () => {
  it.each(['Content-Length: 6\r\n\r\nabcdef', 'Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n'])(
    'is not kept: %j',
    async (message) => {
      for (const options of [{ bodySizeLimit: '5' }, { bodySizeLimit: '5', streamLargeBodies: '9' }]) {
        const [host, client] = await before((peer) => peer.send(`HTTP/1.1 200 OK\r\n${message}`), { options });
        await client.send(`POST / HTTP/1.1\r\n${message}`).untilEnd();
        expect(await failed(host)).toEqual([undefined, undefined]);
        const other = await host.client();
        await other.send(get).untilEnd();
        const { request, response } = await host.event('error', 1);
        expect([request.rawContent?.length, response?.rawContent]).toEqual([0, undefined]);
      }
    },
  );
});

describe('a body above stream_large_bodies', () => {
  it('is not kept in part when no server takes it', async () => {
    const gone = await rawServer();
    await gone.close();
    const host = await http1Host({ route: routeTo(gone.port), options: { streamLargeBodies: '2' } });
    const client = await host.client();
    await client.send('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n').untilEnd();
    expect(await failed(host)).toEqual([undefined, undefined]);
  });

  it('is not kept in part when an addon answers', async () => {
    const answer = (flow: HttpFlow): void => {
      flow.response = Response.make(200, 'ours');
    };
    const [host, client] = await before(() => undefined, {
      options: { streamLargeBodies: '2' },
      addons: [{ requestheaders: answer }],
    });
    await client.send('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n').until('ours');
    const { request, response } = await host.event('response');
    expect([request.rawContent, response?.text]).toEqual([undefined, 'ours']);
  });
});

it('a response of an addon is kept though the flow is killed before it is sent', async () => {
  const answer = (flow: HttpFlow): void => {
    flow.response = Response.make(200, 'ours');
    flow.kill();
  };
  const [host, client] = await before(() => undefined, { addons: [{ request: answer }] });
  await client.send(get).closed();
  expect(await failed(host)).toEqual(['', 'ours']);
});
