import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import { http1Host, routeTo } from './http1-host.js';

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/);
/** Bytes that a value may have, those outside ASCII among them. */
const value = fc.stringMatching(/^[\t -~\x80-\xff]{0,20}$/);
const field = fc
  .tuple(token, fc.constantFrom('', ' ', '  ', '\t'), value, fc.constantFrom('', ' ', '\r\n  ', '\r\n\t'), value)
  .map(
    ([name, space, first, fold, second]) => `${name}:${space}${first}${fold}${fold.trim() === '' ? second : ''}\r\n`,
  );

const meaningful = /^(?:connection|content-length|transfer-encoding|expect|upgrade|host|trailer|te|proxy-.*)$/i;
const fields = fc
  .array(field, { maxLength: 8 })
  .map((lines) => lines.filter((line) => !meaningful.test(line.slice(0, line.indexOf(':')))).join(''));

const body = fc.oneof(
  fc.constant(''),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    return { length: text.length, text };
  }),
);

/** Fields and a body: none, one with a length, or one in a single chunk, which is how gathered bodies are sent. */
const rest = fc.tuple(fields, body, fc.boolean(), fields).map(([head, sent, isChunked, trailers]) => {
  if (typeof sent === 'string') return `${head}Content-Length: 0\r\n\r\n`;
  if (!isChunked) return `${head}Content-Length: ${String(sent.length)}\r\n\r\n${sent.text}`;
  const chunk = `${sent.length.toString(16)}\r\n${sent.text}\r\n`;
  return `Transfer-Encoding: chunked\r\n${head}\r\n${chunk}0\r\n${trailers}\r\n`;
});

const request = fc
  .tuple(fc.constantFrom('GET', 'POST', 'put', 'X-Y'), fc.stringMatching(/^\/[!-~\x80-\xff]{0,20}$/), rest)
  .map(([method, path, message]) => `${method} ${path} HTTP/1.1\r\n${message}`);

const response = fc
  .tuple(
    fc.integer({ min: 200, max: 599 }).filter((code) => code !== 204 && code !== 304),
    fc.stringMatching(/^[\t -~\x80-\xff]{0,12}$/).filter((reason) => !/^[\t ]/.test(reason)),
    rest,
  )
  .map(([code, reason, message]) => `HTTP/1.1 ${String(code)} ${reason}\r\n${message}`);

describe('messages pass byte for byte', () => {
  it('whatever well-formed heads and bodies they have', async () => {
    let answer = '';
    let length = 0;
    const server = await rawServer((peer) => {
      let seen = 0;
      peer.socket.on('data', () => {
        if (peer.received.length - seen < length) return;
        seen = peer.received.length;
        peer.send(answer);
      });
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    let [received, sent] = [0, 0];
    await fc.assert(
      fc.asyncProperty(request, response, async (asked, answered) => {
        [answer, length] = [answered, asked.length];
        await client.send(asked).until(received + answered.length);
        const peer = await server.peer();
        expect(client.received.subarray(received).toString('latin1')).toBe(answered);
        expect(peer.received.subarray(sent).toString('latin1')).toBe(asked);
        received += answered.length;
        sent += asked.length;
      }),
      { numRuns: 200 },
    );
    expect(server.peers).toHaveLength(1);
  });

  it('wherever they are split', async () => {
    const asked = 'POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nB: c\r\n d\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n';
    const answered = 'HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nA:b\r\nContent-Length: 4\r\n\r\nbody';
    let split = 0;
    const server = await rawServer((peer) => {
      let seen = 0;
      peer.socket.on('data', () => {
        if (peer.received.length - seen < asked.length) return;
        seen += asked.length;
        peer.send(answered.slice(0, split));
        setImmediate(() => peer.send(answered.slice(split)));
      });
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    let received = 0;
    for (split = 1; split < asked.length; split++) {
      client.send(asked.slice(0, split));
      await new Promise((resolve) => setImmediate(resolve));
      received += answered.length;
      await client.send(asked.slice(split)).until(received);
      expect(client.text.slice(-answered.length)).toBe(answered);
    }
    const all = (await server.peer()).text;
    expect(all).toBe(asked.repeat(asked.length - 1));
  });

  it.each([
    'Content-LENGTH: 002',
    'content-length:\t02  ',
    'Content-Length: 2\r\ncontent-length: 2',
    'content-length:\r\n 2',
  ])('however they tell the length of a body: %j', async (line) => {
    const asked = `POST / HTTP/1.1\r\nA: b\r\n${line}\r\nC: d\r\n\r\nab`;
    const answered = `HTTP/1.1 200 OK\r\nA: b\r\n${line}\r\nC: d\r\n\r\nok`;
    const server = await rawServer((peer) => {
      void peer.until(asked.length).then(() => peer.send(answered));
    });
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send(asked).until(answered.length);
    expect(client.text).toBe(answered);
    expect((await server.peer()).text).toBe(asked);
  });

  it('and lines that end with a lone LF get a CR', async () => {
    const server = await rawServer((peer) => {
      void peer.until('\r\n\r\n').then(() => peer.send('HTTP/1.1 200 OK\nA: b\nContent-Length: 0\n\n'));
    });
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send('GET / HTTP/1.1\nA: b\n\n').until('\r\n\r\n');
    expect(client.text).toBe('HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n');
    expect((await server.peer()).text).toBe('GET / HTTP/1.1\r\nA: b\r\n\r\n');
  });
});
