/** Node's own HTTP, over a pair of streams instead of a socket, must see what our readers see. */
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Http1RequestReader, Http1ResponseReader } from '../../src/wire/http1-reader.js';
import { cut } from './drive.js';

interface Seen {
  readonly line: string;
  readonly rawHeaders: string[];
  readonly body: string;
  readonly rawTrailers: string[];
}

const token = fc.stringMatching(/^X-[A-Za-z]{1,6}$/);
const value = fc.stringMatching(/^([!-~\xa1-\xff]([ !-~\xa1-\xff]{0,8}[!-~\xa1-\xff])?)?$/);
const fields = fc.array(fc.tuple(token, value), { maxLength: 4 });
const chunksOf = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 4 });
const body = fc.oneof(
  fc.record({ kind: fc.constant('length' as const), parts: chunksOf, trailers: fc.constant<[string, string][]>([]) }),
  fc.record({ kind: fc.constant('chunked' as const), parts: chunksOf, trailers: fields }),
);
type Body = typeof body extends fc.Arbitrary<infer T> ? T : never;

const lines = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([n, v]) => `${n}: ${v}\r\n`).join('');

function message(startLine: string, headers: [string, string][], { kind, parts, trailers }: Body): Buffer {
  const bytes = parts.map((part) => Buffer.from(part).toString('latin1'));
  const framing: [string, string] =
    kind === 'length' ? ['Content-Length', String(bytes.join('').length)] : ['Transfer-Encoding', 'chunked'];
  const coded =
    kind === 'length'
      ? bytes.join('')
      : `${bytes.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n${lines(trailers)}\r\n`;
  return Buffer.from(`${startLine}\r\n${lines([['Host', 'h'], ...headers, framing])}\r\n${coded}`, 'latin1');
}

function ours(reader: Http1RequestReader | Http1ResponseReader, chunks: readonly Buffer[]): Seen[] {
  const seen: Seen[] = [];
  let current = { line: '', rawHeaders: [] as string[], body: '', rawTrailers: [] as string[] };
  for (const chunk of chunks) {
    reader.receive(chunk);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.type === 'data') current.body += event.data.toString('latin1');
      else if (event.type === 'trailers') current.rawTrailers = event.headers.entries().flat();
      else if (event.type === 'end') seen.push(current);
      else {
        const { head } = event;
        const line =
          'method' in head
            ? `${head.method} ${head.target.toString('latin1')}`
            : `${head.code} ${head.reason.toString('latin1')}`;
        current = { line, rawHeaders: head.headers.entries().flat(), body: '', rawTrailers: [] };
      }
    }
  }
  return seen;
}

async function seenBy(incoming: IncomingMessage, line: string): Promise<Seen> {
  const bytes: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) bytes.push(chunk);
  const { rawHeaders, rawTrailers } = incoming;
  return { line, rawHeaders, body: Buffer.concat(bytes).toString('latin1'), rawTrailers };
}

/** What Node's server makes of these bytes. */
async function nodeRequests(bytes: Buffer, count: number): Promise<Seen[]> {
  const [mine, its] = duplexPair();
  // Node reads the bodies of pipelined requests side by side; the heads come in order.
  const seen: Promise<Seen>[] = [];
  await new Promise<void>((resolve, reject) => {
    const server = createServer((incoming, outgoing) => {
      seen.push(seenBy(incoming, `${incoming.method ?? ''} ${incoming.url ?? ''}`));
      outgoing.end();
      if (seen.length === count) Promise.all(seen).then(() => resolve(), reject);
    });
    server.on('clientError', reject);
    server.emit('connection', its);
    mine.resume();
    mine.write(bytes);
  });
  mine.destroy();
  its.destroy();
  return Promise.all(seen);
}

/** What Node's client makes of these bytes. */
async function nodeResponse(bytes: Buffer): Promise<Seen> {
  const [mine, its] = duplexPair();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ createConnection: () => its }, resolve)
      .on('error', reject)
      .end();
    mine.resume();
    mine.write(bytes);
  });
  const seen = await seenBy(incoming, `${String(incoming.statusCode)} ${incoming.statusMessage ?? ''}`);
  mine.destroy();
  its.destroy();
  return seen;
}

const targets = fc.stringMatching(/^\/[!-"$-~]{0,10}$/);
const methods = fc.constantFrom('POST', 'PUT', 'PATCH', 'PROPFIND');

test('requests', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(methods, targets, fields, body), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      async (requests, places) => {
        const bytes = Buffer.concat(
          requests.map(([method, target, headers, content]) =>
            message(`${method} ${target} HTTP/1.1`, headers, content),
          ),
        );
        expect(ours(new Http1RequestReader(), cut(bytes, places))).toEqual(await nodeRequests(bytes, requests.length));
      },
    ),
    { numRuns: 60 },
  );
});

test('responses', async () => {
  const codes = fc.constantFrom(200, 201, 205, 301, 404, 500, 599);
  const reasons = fc.stringMatching(/^([!-~]([ !-~]{0,8}[!-~])?)?$/);
  await fc.assert(
    fc.asyncProperty(
      codes,
      reasons,
      fields,
      body,
      fc.array(fc.nat(), { maxLength: 5 }),
      async (code, reason, headers, content, places) => {
        const bytes = message(`HTTP/1.1 ${String(code)} ${reason}`, headers, content);
        expect(ours(new Http1ResponseReader(), cut(bytes, places))).toEqual([await nodeResponse(bytes)]);
      },
    ),
    { numRuns: 60 },
  );
});
