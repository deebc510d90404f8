/** Clauses that the ancestor did not have, in requests to a server that is not ours. */
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Pathoc } from '../../src/pathoc/index.js';
import { nodeServer } from './servers.js';

interface Seen {
  readonly version: string;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
}

/** What Node's server makes of a request; it answers 200 to all that it understands. */
async function seenByNode(spec: string): Promise<{ readonly seen: Seen | undefined; readonly code: number }> {
  let seen: Seen | undefined;
  const port = await nodeServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { httpVersion: version, headers, trailers } = request;
      seen = { version, headers, trailers, body: Buffer.concat(chunks) };
      response.end();
    });
    // A request that ends early has an error, and Node answers it.
    request.on('error', () => undefined);
  });
  await using client = await Pathoc.connect({ host: '127.0.0.1', port });
  const { code } = await client.request(spec);
  return { seen, code };
}

const put = "put:/:b'0123456789'";

test.each([
  [`${put}:k3,1`, '0123456789'],
  [`${put}:ob+2,'XY'`, '01XY456789'],
  [`${put}:eb+2,3:ib+3,'abc'`, '01abc56789'],
  [`${put}:wb,100:pb+5,0.1`, '0123456789'],
  [`${put}:da,fin`, '0123456789'],
])('%s', async (spec, body) => {
  const { seen, code } = await seenByNode(spec);
  expect([code, seen?.body.toString()]).toEqual([200, body]);
});

test('chunks and a trailer', async () => {
  const { seen } = await seenByNode(`${put}:k4:t'X-Sum'='abc'`);
  expect(seen).toMatchObject({
    headers: { 'transfer-encoding': 'chunked', trailer: 'X-Sum' },
    trailers: { 'x-sum': 'abc' },
  });
});

test('a content coding', async () => {
  const { seen } = await seenByNode(`${put}:zgzip`);
  expect(seen?.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(seen?.body ?? Buffer.alloc(0)).toString()).toBe('0123456789');
});

test('another version', async () => {
  expect((await seenByNode('get:/:vHTTP/1.0')).seen?.version).toBe('1.0');
});

test('the end of our side in the middle of the body, and the answer all the same', async () => {
  const { seen, code } = await seenByNode(`${put}:db+5,fin`);
  expect([code, seen]).toEqual([400, undefined]);
});
