// docs/features/response-streaming.md
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { connect } from '../../kit/connect.js';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { rawServer } from '../../kit/raw-server.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';

const megabyte = 1024 * 1024;

/** The most memory that a process ever had, in bytes. */
function peakOf({ processId }: DumpProcess): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(processId)}/status`, 'utf8'))?.[1]) * 1024;
}

/** Reads a body to its end. @returns its length */
async function lengthOf(url: string): Promise<number> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  let length = 0;
  for await (const chunk of response) length += (chunk as Buffer).length;
  return length;
}

describe('response streaming', { timeout: 60_000 }, () => {
  // Where it can be seen how much memory a process has.
  test.skipIf(process.platform !== 'linux')(
    'passes on what is larger than a size, in little memory, and keeps the rest',
    async () => {
      const size = 100 * megabyte;
      const piece = Buffer.alloc(megabyte, 'x');
      const { port } = await webServer('http', (request, response) => {
        if (request.url === '/small') return void response.end('small');
        if (request.url === '/known') response.setHeader('Content-Length', size);
        let left = size;
        const fill = (): void => {
          while (left > 0) {
            left -= piece.length;
            if (!response.write(piece)) return void response.once('drain', fill);
          }
          response.end();
        };
        fill();
      });
      const server = `http://127.0.0.1:${String(port)}`;
      const file = join(temporaryDirectory(), 'flows');
      const [old, today] = await Promise.all([
        dumpProcess('-R', server, '--stream', '1m', '-w', file),
        dumpProcess('--mode', `reverse:${server}`, '--stream-large-bodies', '1m'),
      ]);
      for (const program of [old, today]) {
        expect(await lengthOf(`${program.url}/small`)).toBe(5);
        const before = peakOf(program);
        for (const path of ['/known', '/chunked']) expect(await lengthOf(`${program.url}${path}`)).toBe(size);
        expect(peakOf(program) - before).toBeLessThan(size / 2);
      }
      expect((await old.stop()).err).toContain(
        '--stream is a flag of mitmproxy 1.0: today it is --stream-large-bodies',
      );
      // What has passed was not recorded.
      const { out } = await runMitmdump(['--confdir', temporaryDirectory(), '-nr', file]);
      expect(out.match(/<< .*/g)).toEqual([
        '<< 200 OK 5b',
        '<< 200 OK (content missing)',
        '<< 200 OK (content missing)',
      ]);
    },
  );

  test('passes on pieces as they come, events of any size among them', async () => {
    const server = await rawServer();
    const { proxy } = await startedProxy({
      mode: `reverse:http://127.0.0.1:${String(server.port)}`,
      streamLargeBodies: '5',
    });
    for (const [i, head] of [
      'Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding: chunked',
    ].entries()) {
      const client = await connect(proxy.port);
      client.send('GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      const peer = await server.peer(i);
      await peer.until('\r\n\r\n');
      peer.send(`HTTP/1.1 200 OK\r\nConnection: close\r\n${head}\r\n\r\n`);
      // Each is sent when the one before has arrived.
      for (const event of ['data: one\n\n', 'data: two\n\n']) {
        peer.send(`${event.length.toString(16)}\r\n${event}\r\n`);
        await client.until(event);
      }
      peer.send('0\r\n\r\n');
      await client.closed();
    }
  });

  test('is what a script asks for, and changes bodies on the way', async () => {
    const { port } = await webServer('http', (request, response) => {
      // The word stands in two pieces of a chunked body.
      if (request.url === '/word') response.write('a foo');
      response.end(request.url === '/word' ? 'bar' : 'plain');
    });
    const script = join(temporaryDirectory(), 'stream.ts');
    const lines = [
      'export function responseheaders({ request, response }) {',
      "  if (request.path !== '/word') { response.stream = true; return; }",
      "  let rest = '';",
      '  response.stream = (chunk) => {',
      "    const text = (rest + chunk.toString('latin1')).replaceAll('foobar', 'changed');",
      '    const at = chunk.length === 0 ? text.length : Math.max(0, text.length - 5);',
      '    rest = text.slice(at);',
      "    return Buffer.from(text.slice(0, at), 'latin1');",
      '  };',
      '}',
    ];
    writeFileSync(script, lines.join('\n'));
    const program = await dumpProcess('--mode', `reverse:http://127.0.0.1:${String(port)}`, '-s', script);
    expect(await (await fetch(`${program.url}/word`)).text()).toBe('a changed');
    expect(await (await fetch(`${program.url}/plain`)).text()).toBe('plain');
    const { out, err } = await program.stop();
    expect(err).toBe('');
    expect(out.match(/<< .*/g)).toEqual(['<< 200 OK (content missing)', '<< 200 OK (content missing)']);
  });

  test('reads a body whole that a script wants whole', async () => {
    const { port } = await webServer('http', (_, response) => response.end('x'.repeat(3000)));
    const { proxy } = await startedProxy({
      ...{ mode: `reverse:http://127.0.0.1:${String(port)}`, streamLargeBodies: '1k' },
      addons: [
        {
          responseheaders: ({ request, response }: HttpFlow) => {
            if (response !== undefined && request.path === '/whole') response.stream = false;
          },
        },
      ],
    });
    for (const path of ['/whole', '/part']) await (await fetch(`${proxy.url}${path}`)).text();
    expect(proxy.httpFlows().map(({ response }) => response?.rawContent?.length)).toEqual([3000, undefined]);
  });

  test('keeps bodies when it is told to', async () => {
    const { port } = await webServer('http', (_, response) => response.end('x'.repeat(3000)));
    const { proxy } = await startedProxy({
      ...{ mode: `reverse:http://127.0.0.1:${String(port)}`, streamLargeBodies: '1k', storeStreamedBodies: true },
      addons: [
        {
          name: 'upper',
          responseheaders: ({ response }: HttpFlow) => {
            if (response !== undefined) response.stream = (chunk) => Buffer.from(chunk.toString().toUpperCase());
          },
        },
      ],
    });
    expect(await (await fetch(proxy.url)).text()).toBe('X'.repeat(3000));
    expect(proxy.httpFlows()[0]?.response?.text).toBe('X'.repeat(3000));
  });
});
