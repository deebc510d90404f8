// Requests that a server has not looked at are sent once more, whatever they ask for.
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Proxy } from '../../src/proxy/proxy.js';
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
