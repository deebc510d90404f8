// Requests that a server has not looked at are sent once more, whatever they ask for; others are not.
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Proxy } from '../../src/proxy/proxy.js';
import { certificateFor } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { Peer } from '../kit/peer.js';
import { ask, nodeClient, nodeServer } from './node-http2.js';

/** A proxy before a server that does this with the streams that it gets, told by their number from 0. */
async function before(act: (stream: ServerHttp2Stream, index: number) => void): Promise<Proxy> {
  let index = 0;
  const port = await nodeServer((stream) => act(stream, index++), { tls: true });
  const proxy = await Proxy.start({ mode: `reverse:https://127.0.0.1:${String(port)}`, sslInsecure: true });
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function post(
  proxy: Proxy,
  client = nodeClient(`https://127.0.0.1:${String(proxy.port)}`),
): Promise<[status: number | undefined, body: string]> {
  const { status, body } = await ask(client, { ':path': '/', ':method': 'POST' }, 'body');
  return [status, String(body)];
}

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
}

describe('a POST', () => {
  const refusals: readonly [how: string, act: (stream: ServerHttp2Stream) => void][] = [
    ['REFUSED_STREAM', (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
    ['GOAWAY with a lower last id', (stream) => stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 1)],
  ];

  test.each(refusals)('is sent once more after %s', async (_, refuse) => {
    let streams = 0;
    const proxy = await before((stream, index) => {
      streams++;
      if (index === 1) refuse(stream);
      else answer(stream);
    });
    const client = nodeClient(`https://127.0.0.1:${String(proxy.port)}`);
    expect(await post(proxy, client)).toEqual([200, 'body']);
    expect(await post(proxy, client)).toEqual([200, 'body']);
    expect(streams).toBe(3);
    expect(proxy.httpFlows().map(({ error }) => error)).toEqual([undefined, undefined]);
  });

  test('is sent no third time', async () => {
    let streams = 0;
    const proxy = await before((stream) => {
      streams++;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    expect((await post(proxy))[0]).toBe(502);
    expect(streams).toBe(2);
  });

  test('is not sent again after REFUSED_STREAM when a 1xx came before it', async () => {
    let streams = 0;
    const proxy = await before((stream) => {
      streams++;
      stream.additionalHeaders({ ':status': 103 });
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    expect((await post(proxy))[0]).toBe(502);
    expect(streams).toBe(1);
  });

  test('is not sent again after another reset: it may have had its effect', async () => {
    let streams = 0;
    const proxy = await before((stream) => {
      streams++;
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    expect((await post(proxy))[0]).toBe(502);
    expect(streams).toBe(1);
  });
});

/** A server of TLS that chooses no protocol, does this with each request of HTTP/1, and a proxy before it. */
async function beforeRude(act: (peer: Peer) => void): Promise<{ proxy: Proxy; peers: readonly Peer[] }> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  const peers: Peer[] = [];
  const server = createTlsServer({ key, cert }, (socket) => {
    const peer = new Peer(socket);
    peers.push(peer);
    peer.until('\r\n\r\n').then(
      () => act(peer),
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const { socket } of peers) socket.destroy();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const proxy = await Proxy.start({ mode: `reverse:https://localhost:${String(port)}`, sslInsecure: true });
  onTestFinished(() => proxy.stop());
  return { proxy, peers };
}

/** What the server got of a request that a client sends it, and what the client got. */
async function rudeness(
  method: string,
  client: 'plain' | 'TLS',
  act: (peer: Peer) => void,
): Promise<[requests: number, answer: string]> {
  const { proxy, peers } = await beforeRude(act);
  const peer = client === 'plain' ? await connect(proxy.port) : await connectSecurely(proxy);
  await peer.send(`${method} / HTTP/1.1\r\nContent-Length: 0\r\n\r\n`).untilEnd();
  const requests = peers.filter(({ text }) => text.startsWith(`${method} / HTTP/1.1\r\n`)).length;
  return [requests, peer.text];
}

/** By then the proxy has connected to the server. */
async function connectSecurely({ port, ca }: Proxy): Promise<Peer> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca });
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new Peer(socket);
  await once(socket, 'secureConnect');
  return peer;
}

describe('a server of TLS that leaves', () => {
  test.each(['100 Continue', '102 Processing', '103 Early Hints'])('after %s is asked no second time', async (code) => {
    for (const client of ['plain', 'TLS'] as const) {
      const informational = `HTTP/1.1 ${code}\r\n\r\n`;
      const [requests, answer] = await rudeness('GET', client, (peer) => peer.send(informational).end());
      expect(requests).toBe(1);
      expect(answer).toContain('gave no answer');
      expect(answer.startsWith(informational)).toBe(!code.startsWith('100'));
    }
  });

  // A connection that was made in advance may have been given up meanwhile.
  test.each([
    ['GET', 'TLS', 2],
    ['GET', 'plain', 1],
    ['POST', 'TLS', 1],
    ['POST', 'plain', 1],
  ] as const)('without a word: a %s of a client that speaks %s is sent %d times', async (method, client, times) => {
    const [requests, answer] = await rudeness(method, client, (peer) => peer.end());
    expect(requests).toBe(times);
    expect(answer).toMatch(/^HTTP\/1\.1 502 .*No response from localhost:\d+\..*gave no answer/s);
  });
});
