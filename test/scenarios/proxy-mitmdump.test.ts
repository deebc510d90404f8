// Real mitmdump on either side of ours, and as the reader of what ours wrote: both saw the same conversation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { readFlowFile } from '../../src/proxy/storage/flow-file.js';
import { connect } from '../kit/connect.js';
import { startMitmdump } from '../kit/mitmdump.js';

import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { run } from '../kit/run.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';
import type { OnRequest } from '../kit/web-server.js';

/** Answers in as many ways as there are paths. */
const answer: OnRequest = ({ url = '', method }, response, body) => {
  response.setHeader('X-Twice', ['one', 'two']);
  const answerWith = (
    status: number,
    fields: Readonly<Record<string, string>>,
    content: string | Buffer = '',
  ): void => {
    response.writeHead(status, fields);
    response.end(content);
  };
  if (url.startsWith('/gzip')) answerWith(200, { 'Content-Encoding': 'gzip' }, gzipSync('packed '.repeat(100)));
  else if (url.startsWith('/nothing')) answerWith(204, {});
  else if (url.startsWith('/moved')) answerWith(302, { Location: '/elsewhere' });
  else if (url.startsWith('/echo')) answerWith(200, { 'Content-Type': 'application/octet-stream' }, body);
  else if (url.startsWith('/chunks')) {
    response.write('some, ');
    response.end('and more');
  } else response.end(`${method ?? ''} ${url}`);
};

/** What of an exchange two recordings agree on. Times, ids, addresses and the protocol versions are each one's own. */
function facts(flow: Flow): unknown {
  if (flow.type !== 'http') return flow.type;
  const { request, response } = flow;
  const hex = (content: Buffer | undefined): string | undefined => content?.toString('hex');
  const fields = ({ fields: all }: { readonly fields: readonly (readonly [Buffer, Buffer])[] }): string[] =>
    all.map(([name, value]) => `${name.toString('latin1')}: ${value.toString('latin1')}`);
  return {
    request: [request.rawMethod, request.url, request.httpVersion, fields(request.headers), hex(request.rawContent)],
    response: response && [
      response.statusCode,
      response.reason,
      response.httpVersion,
      fields(response.headers),
      hex(response.rawContent),
    ],
  };
}

async function flowsIn(file: string): Promise<Flow[]> {
  const flows: Flow[] = [];
  for await (const flow of readFlowFile(file)) flows.push(flow);
  return flows;
}

const requests: readonly (readonly string[])[] = [
  ['/plain?a=b&c=%20d'],
  ['/gzip', '-H', 'Accept-Encoding: gzip'],
  ['/nothing', '-X', 'DELETE'],
  ['/moved'],
  ['/head', '-I'],
  ['/chunks'],
  ['/echo', '-d', 'a=1&b=2'],
  ['/echo/bytes', '--data-binary', '@BYTES', '-H', 'X-Odd-CASE: \xe9', '-H', 'x-odd-case: again'],
  ['/echo/chunked', '-T', 'BYTES', '-H', 'Transfer-Encoding: chunked'],
];

describe.skipIf(!hasProgram('mitmdump') || !hasProgram('curl'))('with real mitmdump', { timeout: 60_000 }, () => {
  test.each(['http', 'https', 'h2'] as const)(
    'client, ours, mitmdump, server of %s: both recordings agree, and each reads that of the other',
    async (kind) => {
      const directory = temporaryDirectory();
      const [bytes, ours, saved, theirs] = ['bytes', 'ours', 'saved', 'theirs'].map((name) =>
        join(directory, name),
      ) as [...[string, string, string, string]];
      writeFileSync(bytes, Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256)));
      const { port } = await webServer(kind, answer);
      const next = await startMitmdump(join(directory, 'conf'), '-w', theirs);
      const { proxy, through } = await startedProxy({
        mode: `upstream:http://127.0.0.1:${String(next.port)}`,
        sslVerifyUpstreamTrustedCa: undefined,
        sslInsecure: true,
      });
      const recording = await proxy.record(ours);
      const scheme = kind === 'http' ? 'http' : 'https';
      for (const [path = '', ...args] of requests) {
        const all = args.map((argument) => argument.replace('BYTES', bytes));
        const { code, stderr } = await through(...all, `${scheme}://localhost:${String(port)}${path}`);
        expect([code, stderr]).toEqual([0, '']);
      }
      await recording.stop();
      await proxy.save(saved);
      await next.stop();

      const [here, there] = [(await flowsIn(ours)).filter(isExchange), (await flowsIn(theirs)).filter(isExchange)];
      expect(here.map(facts)).toEqual(there.map(facts));
      expect(here).toHaveLength(requests.length);
      expect((await flowsIn(saved)).filter(isExchange).map(facts)).toEqual(here.map(facts));

      // What mitmdump reads of ours and of its own, it prints alike.
      const printed = async (file: string): Promise<string> => {
        const flags = ['--set', `confdir=${join(directory, 'conf')}`, '--set', 'flow_detail=3', '-nr', file];
        const { code, stdout, stderr } = await run('mitmdump', [...flags, '!~m CONNECT']);
        expect([code, stderr]).toEqual([0, '']);
        return stdout.replace(/^\d+\.\d+\.\d+\.\d+:\d+: /gm, 'CLIENT: ').replace(/^ *<< /gm, '<< ');
      };
      expect(await printed(ours)).toBe(await printed(theirs));
      expect(await printed(saved)).toBe(await printed(theirs));
    },
  );

  test('as the client of ours: mitmdump with ours as its upstream', async () => {
    const [plain, secure] = [await webServer(), await webServer('h2')];
    const { proxy } = await startedProxy({ proxyauth: 'me:secret' });
    const auth = ['--set', 'upstream_auth=me:secret'];
    const { port } = await startMitmdump(
      temporaryDirectory(),
      '--mode',
      `upstream:http://127.0.0.1:${String(proxy.port)}`,
      ...auth,
    );
    const curl = ['-sS', '-k', '-m', '50', '--noproxy', '', '-x', `http://127.0.0.1:${String(port)}`];
    for (const [url, body] of [
      [`http://localhost:${String(plain.port)}/a`, 'HTTP/1.1 GET /a'],
      [`https://localhost:${String(secure.port)}/b`, 'HTTP/2.0 GET /b'],
    ] as const) {
      expect((await run('curl', [...curl, url])).stdout).toContain(body);
    }
    expect(proxy.flows('~http & ~c 200 & !~m CONNECT')).toHaveLength(2);
    expect(proxy.flows('~c 407')).toHaveLength(0);
  });

  test('as the server behind ours, and ours as the server behind it', async () => {
    const { port } = await webServer('http', (_, response) => response.end('at the end'));
    const behind = await startMitmdump(temporaryDirectory(), '--mode', `reverse:http://localhost:${String(port)}`);
    const ours = await startedProxy({ mode: `reverse:https://localhost:${String(behind.port)}`, sslInsecure: true });
    const front = await startMitmdump(
      temporaryDirectory(),
      '--mode',
      `reverse:https://localhost:${String(ours.proxy.port)}`,
    );
    const { stdout } = await run('curl', ['-sS', '-k', '-m', '50', `https://127.0.0.1:${String(front.port)}/`]);
    expect(stdout).toBe('at the end');
    expect(ours.proxy.flows('~c 200')[0]).toMatchObject({ clientConn: { tls: true }, serverConn: { tls: true } });
  });

  test('TCP that ours recorded are read by mitmdump', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'flows');
    const server = await rawServer((peer) => peer.send('welcome '));
    const tcp = await startedProxy({ mode: `reverse:tcp://127.0.0.1:${String(server.port)}` });
    const recording = await tcp.proxy.record(file);
    const client = await connect(tcp.proxy.port);
    await client.until('welcome');
    client.send('and thanks').end();
    await (await server.peer()).untilEnd();
    server.peers[0]?.end();
    await tcp.proxy.waitForFlow('~tcp');
    await recording.stop();
    const { code, stdout } = await run('mitmdump', [
      '--set',
      `confdir=${directory}`,
      '--set',
      'flow_detail=3',
      '-nr',
      file,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('welcome');
    expect(stdout).toContain('and thanks');
    expect(readFileSync(file).length).toBeGreaterThan(0);
  });
});

function isExchange(flow: Flow): boolean {
  return flow.type === 'http' && flow.request.method !== 'CONNECT';
}
