import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequests, Random, render } from '../../src/language/index.js';
import type { Clock } from '../../src/net/clock.js';
import { Pathoc } from '../../src/pathoc/index.js';
import { rawServer } from '../kit/raw-server.js';
import { clientFrame, request } from '../kit/spec-arbitraries.js';
import { pathoc } from './command-line.js';

/** Pauses take no time. */
const hurried: Clock = { now: () => 0, wait: () => Promise.resolve() };

describe('the wire', () => {
  test('carries exactly what the messages say', async () => {
    const server = await rawServer();
    let connections = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, clientFrame), fc.nat(), async (spec, seed) => {
        const [message] = parseRequests(spec);
        if (message === undefined) return;
        const client = await Pathoc.connect({ host: '127.0.0.1', port: server.port, seed, clock: hurried });
        const peer = await server.peer(connections++);
        await client.send(message);
        await client.close();
        const random = Random.fromSeed(seed).fork(0);
        expect(await peer.untilEnd()).toEqual(await render(message, { random, requestHost: '127.0.0.1' }));
      }),
      { numRuns: 200 },
    );
  });

  test('may carry any bytes back: they are told of in lines, and nothing else happens', async () => {
    let answer: Uint8Array = Buffer.alloc(0);
    const server = await rawServer((peer) => peer.send(answer).end());
    const head = fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n',
      '',
    );
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 60 }), async (start, bytes) => {
        answer = Buffer.concat([Buffer.from(start), bytes]);
        const { status, out, err } = await pathoc(['--seed', '1', `127.0.0.1:${server.port}`, 'ws:/', 'wf:-mask']);
        expect(err).toBe('seed 1\n');
        expect([0, 2]).toContain(status);
        expect(out).toMatch(/^>> ws:\/\n(<< |Invalid server response: )/);
      }),
      { numRuns: 200 },
    );
  });
});
