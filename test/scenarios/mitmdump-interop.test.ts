// Recordings that our mitmdump and the real one make, read and replay for each other, by the command lines of users.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect } from '../kit/connect.js';
import { startMitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { run } from '../kit/run.js';
import { runMitmdump } from '../kit/run-mitmdump.js';
import { servingMitmdump } from '../kit/serving-mitmdump.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';
import type { OnRequest } from '../kit/web-server.js';

/** What both programs can be told to do. */
interface Tool {
  /** Listens with these arguments, in regular mode unless they say otherwise. */
  readonly serve: (...argv: readonly string[]) => Promise<{ readonly port: number; stop(): Promise<unknown> }>;
  /** Does what these arguments say, and gives what was printed. */
  readonly run: (...argv: readonly string[]) => Promise<string>;
}

const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256));

/** Bodies of all kinds; the request is told of in a field that is not ASCII. */
const answer: OnRequest = ({ url = '', method = '', httpVersion }, response, body) => {
  const sum = createHash('sha1').update(body).digest('hex');
  response.setHeader('X-Asked', Buffer.from(`${method} ${sum} \xe9\xff`, 'latin1').toString('latin1'));
  if (httpVersion !== '2.0') response.sendDate = false;
  if (url === '/gzip') {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipSync('packed '.repeat(50)));
  } else if (url === '/bytes') response.end(bytes);
  else if (url === '/chunks') {
    response.write('some, ');
    response.end('and more');
  } else if (url === '/nothing') {
    response.statusCode = 204;
    response.end();
  } else response.end(`${method} ${url}`);
};

const curl = ['-sS', '-k', '-i', '-m', '50', '--noproxy', '', '-H', 'X-Odd: \xe9\xe8'];

/** Both, with one authority: whoever comes first makes it. */
function bothTools(): { readonly ours: Tool; readonly theirs: Tool } {
  const conf = temporaryDirectory();
  return {
    ours: {
      serve: (...argv) => servingMitmdump(conf, ...argv),
      run: async (...argv) => {
        const { status, out, err } = await runMitmdump(['--confdir', conf, ...argv]);
        expect([status, err]).toEqual([0, '']);
        return out;
      },
    },
    theirs: {
      serve: (...argv) => startMitmdump(conf, ...argv),
      run: async (...argv) => {
        const { code, stdout, stderr } = await run('mitmdump', ['--set', `confdir=${conf}`, ...argv]);
        expect([code, stderr]).toEqual([0, '']);
        return stdout;
      },
    },
  };
}

/** Both print the same of a file, whoever wrote it. */
async function printedAlike(
  { ours, theirs }: ReturnType<typeof bothTools>,
  ...argv: readonly string[]
): Promise<string> {
  const [here, there] = await Promise.all([ours.run(...argv), theirs.run(...argv)]);
  expect(here).toBe(there);
  return here;
}

describe.skipIf(!hasProgram('mitmdump') || !hasProgram('curl'))('recordings', { timeout: 90_000 }, () => {
  test.each([
    ['ours', 'mitmdump'],
    ['mitmdump', 'ours'],
  ])('of %s are replayed by %s: to clients, and to servers', async (recorder) => {
    const directory = temporaryDirectory();
    const [file, body] = [join(directory, 'flows'), join(directory, 'body')];
    writeFileSync(body, bytes);
    const [plain, secure] = [await webServer('http', answer), await webServer('h2', answer)];
    const urls = [`http://localhost:${String(plain.port)}`, `https://localhost:${String(secure.port)}`];
    const requests = urls.flatMap((url) => [
      [`${url}/plain?q=%20a`],
      ['--http1.1', `${url}/bytes`],
      [`${url}/gzip`],
      [`${url}/chunks`],
      [`${url}/nothing`],
      ['--data-binary', `@${body}`, `${url}/post`],
    ]);
    // Each on a connection of its own; the answer to CONNECT is each program's own.
    const ask = (port: number): Promise<string[]> =>
      Promise.all(
        requests.map(async (request) => {
          const proxied = [...curl, '-x', `http://127.0.0.1:${String(port)}`, '--suppress-connect-headers'];
          const { stderr, stdout } = await run('curl', [...proxied, ...request]);
          expect(stderr).toBe('');
          return stdout;
        }),
      );
    const tools = bothTools();
    const [first, second] = recorder === 'ours' ? [tools.ours, tools.theirs] : [tools.theirs, tools.ours];
    const recording = await first.serve('-w', file);
    const answers = await ask(recording.port);
    await recording.stop();
    expect(answers.map((text) => text.split('\r\n', 1)[0])).toContain('HTTP/2 204 ');
    await printedAlike(tools, '--set', 'flow_detail=4', '-nr', file);

    const asked: string[] = [];
    const count = (server: typeof plain): unknown =>
      server.server.on('request', ({ method, url, httpVersion }: Parameters<OnRequest>[0]) =>
        asked.push(`${httpVersion} ${String(method)} ${String(url)}`),
      );
    count(plain);
    count(secure);
    const strict = ['--server-replay-kill-extra', '--no-server-replay-refresh', '--set', 'keepserving=true'];
    const replaying = await second.serve('-S', file, ...strict);
    expect(await ask(replaying.port)).toEqual(answers);
    await replaying.stop();
    expect(asked).toEqual([]);

    await second.run('--ssl-insecure', '-qnC', file);
    expect(asked.toSorted()).toEqual(
      requests
        .map((request, i) => {
          const path = new URL(request.at(-1) ?? '').pathname + new URL(request.at(-1) ?? '').search;
          // The version with which the request was made the first time.
          const version = i >= requests.length / 2 && request[0] !== '--http1.1' ? '2.0' : '1.1';
          return `${version} ${request[0] === '--data-binary' ? 'POST' : 'GET'} ${path}`;
        })
        .toSorted(),
    );
  });

  test.each(['ours', 'mitmdump'])('of WebSockets, streams and errors by %s are read alike', async (recorder) => {
    const tools = bothTools();
    const tool = recorder === 'ours' ? tools.ours : tools.theirs;
    const directory = temporaryDirectory();
    const [file, tcpFile] = [join(directory, 'flows'), join(directory, 'tcp')];
    const { port, server } = await webServer('http', answer);
    new WebSocketServer({ server }).on('connection', (socket) => {
      // A WebSocket gives one Buffer a message.
      socket.on('message', (data, isBinary) => {
        socket.send(data as Buffer, { binary: isBinary });
      });
    });
    const recording = await tool.serve('--mode', `reverse:http://127.0.0.1:${String(port)}`, '-w', file);
    const socket = new WebSocket(`ws://127.0.0.1:${String(recording.port)}/socket`);
    await once(socket, 'open');
    for (const message of ['héllo', bytes.subarray(0, 200)]) {
      const echoed = once(socket, 'message');
      socket.send(message);
      await echoed;
    }
    const closed = once(socket, 'close');
    socket.close(1001, 'enough');
    await closed;
    await recording.stop();
    const printed = await printedAlike(tools, '--set', 'flow_detail=4', '-nr', file);
    expect(printed).toContain('WebSocket text message');
    expect(printed).toContain('closed by client: 1001');

    // Bytes that are no HTTP, within a tunnel; then a request that fails.
    const stream = await rawServer((peer) => peer.send('welcome \xff'));
    const both = await tool.serve('-w', tcpFile);
    const client = await connect(both.port);
    client.send(`CONNECT 127.0.0.1:${String(stream.port)} HTTP/1.1\r\n\r\n`);
    await client.until('welcome');
    client.send('and \0 thanks').end();
    await (await stream.peer()).untilEnd();
    stream.peers[0]?.end();
    await stream.close();
    const failing = `http://127.0.0.1:${String(stream.port)}/gone`;
    await run('curl', [...curl, '-x', `http://127.0.0.1:${String(both.port)}`, failing]);
    await both.stop();
    const text = await printedAlike(tools, '--set', 'flow_detail=3', '-nr', tcpFile);
    expect(text).toContain('and \\x00 thanks');
    expect(text).toContain('/gone');
  });

  test('grow behind one another, and are told apart by filters and by the time', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'both');
    const tools = bothTools();
    const { ours, theirs } = tools;
    await ours.run('-nqr', 'fixtures/proxy/flows/basic.mitm', '-w', file, '~m put');
    await theirs.run('-nqr', 'fixtures/proxy/flows/basic.mitm', '-w', `+${file}`, '~c 418');
    await ours.run('-nqr', 'fixtures/proxy/flows/websockets.mitm', `-w+${file}`, '~u bye');
    await theirs.run('-nqr', 'fixtures/proxy/flows/tcp.mitm', `-w+${file}`);
    expect(await printedAlike(tools, '-nr', file)).toMatch(/ PUT [^]* 418 [^]* WebSocket [^]* tcp /);
    await printedAlike(tools, '-nr', file, '--showhost', '~m put', '|', '~websocket');

    for (const [tool, name] of [
      [ours, 'ours'],
      [theirs, 'theirs'],
    ] as const) {
      const pattern = join(directory, name, '%Y', 'flows-%m%%.mitm');
      await tool.run('-nqr', file, '--save-stream-file', pattern, '~http');
    }
    const [year = ''] = readdirSync(join(directory, 'ours'));
    const [month = ''] = readdirSync(join(directory, 'ours', year));
    expect(month).toMatch(/^flows-\d\d%\.mitm$/);
    const written = (name: string): Buffer => readFileSync(join(directory, name, year, month));
    expect(written('ours').equals(written('theirs'))).toBe(true);
  });
});
