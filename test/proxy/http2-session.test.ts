import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { clientContext } from './client-context.js';
import { http2Sessions, http2Upstream, keepAndSend, streamThrough } from './http2-relay.js';
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
