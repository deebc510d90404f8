/** What servers say over HTTP/1 and HTTP/2 cannot carry: the client gets a page that says so. */
import { describe, expect, test } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { ask, nodeClient } from './node-http2.js';

const body = 'Content-Length: 2\r\n\r\nok';

async function answered(
  response: string,
  options = {},
): Promise<StartedProxy & { readonly answer: Awaited<ReturnType<typeof ask>> }> {
  const server = await rawServer((peer) => {
    void peer.until('\r\n\r\n').then(() => peer.send(response));
  });
  const started = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(server.port)}`, ...options });
  const client = nodeClient(`http://127.0.0.1:${String(started.proxy.port)}`);
  return { ...started, answer: await ask(client, { ':path': '/' }) };
}

const cases: readonly (readonly [what: string, response: string, why: RegExp])[] = [
  ['NUL in a value', `HTTP/1.1 200 OK\r\nX-Odd: a\0b\r\n${body}`, /the value of x-odd is b'a\\x00b'/],
  ['CR in a value', `HTTP/1.1 200 OK\r\nX-Odd: a\rb\r\n${body}`, /the value of x-odd is b'a\\rb'/],
  ['status 0', `HTTP/1.1 000 OK\r\n${body}`, /0 is no status/],
  ['status -200', `HTTP/1.1 -200 OK\r\n${body}`, /-200 is no status/],
  ['status 99', `HTTP/1.1 99 OK\r\n${body}`, /99 is no status/],
  ['status 1000', `HTTP/1.1 1000 OK\r\n${body}`, /1000 is no status/],
  [
    'NUL in a 1xx head',
    `HTTP/1.1 103 Hints\r\nLink: a\0b\r\n\r\nHTTP/1.1 200 OK\r\n${body}`,
    /the value of link is b'a\\x00b'/,
  ],
  [
    'CR in a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Odd: a\rb\r\n\r\n',
    /trailer section .* the value of x-odd is b'a\\rb'/,
  ],
];

describe('a client of HTTP/2 gets 502 for', () => {
  test.each(cases)('%s', async (_, response, why) => {
    const { answer, proxy } = await answered(response);
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toMatch(/cannot be sent over HTTP\/2/);
    expect(proxy.httpFlows()[0]?.error?.message).toMatch(why);
  });
});
