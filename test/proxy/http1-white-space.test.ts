/** White space and letter case that are none for HTTP, however much JavaScript takes them for such (RFC 9110, section 5.6.3). */
import { describe, expect, test } from 'vitest';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const chunks = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;

const fields: readonly (readonly [field: string, body: string])[] = [
  ['Transfer-Encoding:\x0bchunked', chunks],
  ['Transfer-Encoding: \x0cchunked', chunks],
  ['Transfer-Encoding: chunked\xa0', chunks],
  ['Transfer-Encoding: gzip,\x0bchunked', chunks],
  ['Transfer-Encoding: chun\xe2\x84\xaaed', chunks],
  ['Transfer-Encoding: chunked\x1c', chunks],
  ['Content-Length: \x0b36', smuggled],
  ['Content-Length: 36\x0c', smuggled],
  ['Content-Length: \xa036', smuggled],
];

describe('fields that only look as if they told the length of a body', () => {
  test.each(fields)('in a request: %j', async (field, body) => {
    const server = await rawServer();
    const { proxy, lines } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(server.port)}` });
    const client = await connect(proxy.port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n${body}`);
    const answer = await client.untilEnd();
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(server.peers.map(({ text }) => text).join('')).toBe('');
    expect(lines.at(-1)).toMatch(/^warn: .*(Transfer-Encoding|Content.Length)/);
  });

  test.each(fields)('in a response: %j', async (field, body) => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n${body}`));
    });
    const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(server.port)}` });
    const client = await connect(proxy.port);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect((await client.untilEnd()).toString('latin1')).toMatch(/^HTTP\/1\.1 502 /);
  });
});
