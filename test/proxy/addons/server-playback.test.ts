import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import type { ProxyOptions } from '../../../src/proxy/proxy-options.js';
import { saveFlows } from '../../../src/proxy/save-flows.js';
import { webSocketFlow } from '../../../src/proxy/testing/index.js';
import { connect } from '../../kit/connect.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { startProxy } from './started.js';

function recorded(url: string, body: string, headers: Record<string, string> = {}): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', url));
  flow.response = Response.make(200, body, headers);
  flow.response.timestampStart = flow.request.timestampStart = 1_700_000_000;
  return flow;
}

async function fileOf(...flows: readonly HttpFlow[]): Promise<string> {
  const file = join(temporaryDirectory(), 'recorded.mitm');
  await saveFlows(flows, file, {});
  return file;
}

/** A server that takes connections, and counts them. */
async function countingServer(): Promise<{ readonly port: number; readonly count: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return { port: (server.address() as AddressInfo).port, count: () => count };
}

function replaying(file: string, options: Record<string, unknown> = {}): ProxyOptions {
  return { addonOptions: { serverReplay: [file], ...options } };
}

const status = ['-o', '/dev/null', '-w', '%{http_code}'];

describe.skipIf(!hasProgram('curl'))('server replay', () => {
  it('records once, and answers from the recording with the server gone', async () => {
    const origin = await webServer('http', (request, response) => response.end(`you asked for ${String(request.url)}`));
    const file = join(temporaryDirectory(), 'flows.mitm');
    const url = `http://127.0.0.1:${String(origin.port)}`;
    const recording = await startProxy({ addonOptions: { saveStreamFile: file } });
    expect((await recording.curl('-x', recording.proxy.url, `${url}/a`, `${url}/b`)).stdout).toBe(
      'you asked for /ayou asked for /b',
    );
    await recording.proxy.stop();
    origin.server.close();
    origin.server.closeAllConnections();
    const { proxy, curl } = await startProxy(replaying(file, { serverReplayExtra: 'kill' }));
    expect((await curl('-x', proxy.url, `${url}/b`, `${url}/a`)).stdout).toBe('you asked for /byou asked for /a');
    expect(proxy.httpFlows('~replays')).toHaveLength(2);
    expect((await curl('-x', proxy.url, `${url}/a`)).code).toBe(52);
  });

  it('never reaches the server for what was recorded, not even for a handshake', async () => {
    const away = await countingServer();
    const host = `127.0.0.1:${String(away.port)}`;
    const file = await fileOf(recorded(`https://${host}/`, 'kept'), recorded(`http://${host}/`, 'kept'));
    for (const serverReplayExtra of ['forward', 'kill', '404']) {
      const { proxy, curl } = await startProxy(replaying(file, { serverReplayExtra, serverReplayReuse: true }));
      for (const scheme of ['http', 'https']) {
        expect(await curl('-x', proxy.url, `${scheme}://${host}/`)).toMatchObject({ stdout: 'kept', stderr: '' });
        expect(await curl('-p', '-x', proxy.url, `${scheme}://${host}/`)).toMatchObject({ stdout: 'kept' });
      }
      const socks = await startProxy({ mode: 'socks5', ...replaying(file, { serverReplayExtra }) });
      const at = `127.0.0.1:${String(socks.proxy.port)}`;
      expect(await socks.curl('--socks5', at, `https://${host}/`)).toMatchObject({ stdout: 'kept' });
      const reverse = await startProxy({ mode: `reverse:https://${host}`, ...replaying(file, { serverReplayExtra }) });
      expect((await reverse.curl(reverse.proxy.url)).stdout).toBe('kept');
    }
    expect(away.count()).toBe(0);
  });

  it.each([
    ['204', '204'],
    ['400', '400'],
    ['404', '404'],
    ['500', '500'],
  ])('answers others with %s, also when all was given', async (serverReplayExtra, code) => {
    const away = await countingServer();
    const url = `http://127.0.0.1:${String(away.port)}`;
    const file = await fileOf(recorded(`${url}/a`, 'kept'));
    const { proxy, lines, curl } = await startProxy(replaying(file, { serverReplayExtra }));
    expect((await curl('-x', proxy.url, `${url}/a`)).stdout).toBe('kept');
    expect((await curl(...status, '-x', proxy.url, `${url}/a`)).stdout).toBe(code);
    expect((await curl(...status, '-x', proxy.url, `${url}/other?q=1`)).stdout).toBe(code);
    expect(lines).toContain(
      `server_replay: no response to GET ${url}/a: it was recorded once, and no response to it is left. It is answered with ${code}.`,
    );
    expect(lines).toContain(
      `server_replay: no response to GET ${url}/other?q=1: the nearest that was recorded is GET ${url}/a; ` +
        `it differs in path /other, recorded was /a; in query q=1, recorded was nothing. It is answered with ${code}.`,
    );
    expect(away.count()).toBe(0);
  });

  it('kills others by the older option, and those that are no HTTP', async () => {
    const away = await countingServer();
    const url = `http://127.0.0.1:${String(away.port)}`;
    const options = replaying(await fileOf(), { serverReplayKillExtra: true });
    const { proxy, curl } = await startProxy(options);
    expect((await curl('-x', proxy.url, `${url}/a`)).code).toBe(52);
    const client = await connect(proxy.port);
    client.send(`CONNECT 127.0.0.1:${String(away.port)} HTTP/1.1\r\n\r\n`);
    await client.until('\r\n\r\n');
    await client.send('\x00\x01\x02 no HTTP at all').closed();
    expect(away.count()).toBe(0);
    expect(proxy.flows('~e').map(({ error }) => error?.message)).toContain('Connection killed.');
  });

  it('passes others on when it is told to, and only those', async () => {
    const origin = await webServer('http', (_request, response) => response.end('live'));
    const url = `http://127.0.0.1:${String(origin.port)}`;
    const { proxy, curl } = await startProxy(replaying(await fileOf(recorded(`${url}/a`, 'kept'))));
    expect((await curl('-x', proxy.url, `${url}/a`, `${url}/a`, `${url}/b`)).stdout).toBe('keptlivelive');
    expect(proxy.httpFlows('~replays')).toHaveLength(1);
  });

  it('moves dates, unless told otherwise, and gives the response again and again when told so', async () => {
    const date = new Date(1_700_000_000_000).toUTCString();
    const file = await fileOf(recorded('http://a.test/', 'kept', { Date: date }));
    const { proxy, curl } = await startProxy(replaying(file, { serverReplayReuse: true, serverReplayExtra: 'kill' }));
    const dateNow = async (): Promise<number> =>
      Date.parse(/^date: (.*)\r$/im.exec((await curl('-i', '-x', proxy.url, 'http://a.test/')).stdout)?.[1] ?? '');
    expect(Math.abs((await dateNow()) - Date.now())).toBeLessThan(10_000);
    await proxy.configure({ serverReplayRefresh: false });
    expect(await dateNow()).toBe(1_700_000_000_000);
  });

  it('is asked by commands as well', async () => {
    const { proxy, curl } = await startProxy({});
    await proxy.call('replay.server', [recorded('http://a.test/', 'one')]);
    await proxy.call('replay.server.add', [recorded('http://a.test/', 'two')]);
    expect(await proxy.call('replay.server.count')).toBe(2);
    await proxy.configure({ serverReplayExtra: '404' });
    expect((await curl('-x', proxy.url, 'http://a.test/', 'http://a.test/')).stdout).toBe('onetwo');
    expect((await curl(...status, '-x', proxy.url, 'http://a.test/')).stdout).toBe('404');
    await proxy.call('replay.server.stop');
    expect((await curl(...status, '-x', proxy.url, 'http://a.test.invalid/')).stdout).toBe('502');
  });

  it('does not answer with what was recorded in part, and says so', async () => {
    const [lost, unkept, upgraded] = ['lost', 'unkept', 'upgraded'].map((path) =>
      recorded(`http://a.test/${path}`, ''),
    );
    if (lost === undefined || unkept?.response === undefined || upgraded === undefined) throw new TypeError('no flows');
    lost.response = undefined;
    unkept.response.rawContent = undefined;
    upgraded.response = Response.make(101, '', { Upgrade: 'something' });
    const file = await fileOf(lost, unkept, upgraded, recorded('http://a.test/kept', 'kept'));
    const { proxy, lines, curl } = await startProxy(replaying(file, { serverReplayExtra: '404' }));
    // What cannot answer is counted, as in mitmproxy, and not waited for.
    expect(await proxy.call('replay.server.count')).toBe(4);
    expect(await proxy.call('replay.server.busy')).toBe(1);
    await proxy.configure({ serverReplayIgnoreContent: true });
    for (const path of ['lost', 'unkept', 'upgraded']) {
      expect((await curl(...status, '-x', proxy.url, `http://a.test/${path}`)).stdout).toBe('404');
    }
    expect(lines.flatMap((line) => /it was recorded .*?\./.exec(line)?.[0] ?? [])).toEqual([
      'it was recorded without a response.',
      'it was recorded without the body of the response.',
      'it was recorded with a change to another protocol.',
    ]);
    expect(await proxy.call('replay.server.count')).toBe(1);
  });

  it('tells what failed while it was recorded', async () => {
    const flow = recorded('http://a.test/cut', '');
    if (flow.response === undefined) throw new TypeError('no response');
    flow.response.rawContent = undefined;
    flow.error = { message: 'the server left in the middle of the body.', timestamp: 0 };
    const { proxy, lines, curl } = await startProxy(replaying(await fileOf(flow), { serverReplayExtra: '404' }));
    await curl('-x', proxy.url, 'http://a.test/cut');
    expect(lines.join('\n')).toContain(
      ': it was recorded as one that failed: the server left in the middle of the body. It is answered with 404.',
    );
  });

  it('answers with 204 as that is to be: without content', async () => {
    const { proxy, curl } = await startProxy(replaying(await fileOf(), { serverReplayExtra: '204' }));
    expect((await curl('-i', '-x', proxy.url, 'http://a.test/')).stdout).toBe('HTTP/1.1 204 No Content\r\n\r\n');
  });

  it('reads large requests whole, unless they may be passed on', async () => {
    const away = await countingServer();
    const url = `http://127.0.0.1:${String(away.port)}/upload`;
    const upload = join(temporaryDirectory(), 'upload');
    writeFileSync(upload, Buffer.alloc(3_000_000, 'x'));
    const flow = new HttpFlow(Request.make('POST', url, Buffer.alloc(3_000_000, 'x')));
    flow.response = Response.make(200, 'kept');
    const options = replaying(await fileOf(flow), { serverReplayExtra: '404' });
    const { proxy, lines, curl } = await startProxy({ ...options, streamLargeBodies: 1_000_000 });
    const post = ['-x', proxy.url, '--data-binary', `@${upload}`, '-H', 'Expect:'];
    expect((await curl(...post, url)).stdout).toBe('kept');
    expect((await curl(...status, ...post, `${url}s`)).stdout).toBe('404');
    expect(lines.join('\n')).toContain('it differs in path /uploads, recorded was /upload. It is answered with 404.');
    expect((await curl(...status, ...post, '-H', 'Transfer-Encoding: chunked', `${url}s`)).stdout).toBe('404');
    expect(away.count()).toBe(0);
    await proxy.configure({ bodySizeLimit: 2_000_000 });
    expect((await curl(...status, ...post, url)).stdout).toBe('413');
    await proxy.configure({ serverReplayExtra: 'forward', bodySizeLimit: undefined });
    expect((await curl(...status, ...post, url)).stdout).toBe('502');
    expect(away.count()).toBeGreaterThan(0);
  });

  it('says at the start which hosts the policy does not hold for', async () => {
    const file = await fileOf();
    const warning =
      'server_replay_extra=kill does not hold for hosts that are passed on undecrypted: ' +
      'ignore_hosts and allow_hosts come first';
    const lines = async (options: ProxyOptions): Promise<readonly string[]> => (await startProxy(options)).lines;
    const killing = replaying(file, { serverReplayExtra: 'kill' });
    expect(await lines({ ...killing, ignoreHosts: ['a.test'] })).toContain(warning);
    expect(await lines({ ...killing, allowHosts: ['a.test'] })).toContain(warning);
    expect(await lines(killing)).not.toContain(warning);
    expect(await lines({ ...replaying(file), ignoreHosts: ['a.test'] })).toEqual([]);
  });

  describe('uploads', () => {
    const body = (boundary: string, content: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n` +
      `${content}\r\n--${boundary}\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--${boundary}--\r\n`;
    const upload = (boundary: string, content: string): HttpFlow => {
      const type = `multipart/form-data; boundary=${boundary}`;
      const flow = new HttpFlow(
        Request.make('POST', 'http://a.test/', body(boundary, content), { 'Content-Type': type }),
      );
      flow.response = Response.make(200, 'kept');
      return flow;
    };
    const post = (boundary: string, content: string): string[] => [
      ...['-H', `Content-Type: multipart/form-data; boundary=${boundary}`],
      ...['--data-binary', body(boundary, content), 'http://a.test/'],
    ];

    it('are the same with another boundary', async () => {
      const options = replaying(await fileOf(upload('one', 'x')), {
        serverReplayExtra: '404',
        serverReplayReuse: true,
      });
      const { proxy, curl } = await startProxy(options);
      expect((await curl('-x', proxy.url, ...post('another', 'x'))).stdout).toBe('kept');
      expect((await curl('-x', proxy.url, ...post('one', 'x'))).stdout).toBe('kept');
      expect((await curl(...status, '-x', proxy.url, ...post('another', 'y'))).stdout).toBe('404');
    });

    it('are told apart by the place where they differ', async () => {
      const file = await fileOf(upload('one', 'x'.repeat(100)));
      const { proxy, lines, curl } = await startProxy(replaying(file, { serverReplayExtra: '404' }));
      await curl('-x', proxy.url, ...post('another', `${'x'.repeat(99)}y`));
      const at = body('another', `${'x'.repeat(99)}y`).indexOf('y\r\n');
      expect(lines.join('\n')).toContain(
        `it differs in body 245 bytes, recorded was 233 bytes (the first difference is at byte ${String(at)}).`,
      );
    });
  });

  it('is busy while it answers', async () => {
    const { proxy, curl } = await startProxy(replaying(await fileOf(recorded('http://a.test/', 'kept'))));
    const counts: unknown[] = [];
    await proxy.use({
      response: async () => {
        counts.push(await proxy.call('replay.server.busy'));
      },
    });
    expect((await curl('-x', proxy.url, 'http://a.test/')).stdout).toBe('kept');
    expect([...counts, await proxy.call('replay.server.busy')]).toEqual([1, 0]);
  });

  it('compares what it is told to', async () => {
    const file = await fileOf(recorded('http://a.test/p?session=1&q=x', 'kept'));
    const { proxy, curl } = await startProxy(replaying(file, { serverReplayReuse: true, serverReplayExtra: '404' }));
    const ask = async (): Promise<string> =>
      (await curl(...status, '-x', proxy.url, 'http://a.test/p?session=2&q=x')).stdout;
    expect(await ask()).toBe('404');
    await proxy.configure({ serverReplayIgnoreParams: ['session'] });
    expect(await ask()).toBe('200');
    await proxy.configure({ serverReplayUseHeaders: ['user-agent'] });
    expect(await ask()).toBe('404');
  });
});

describe('a recorded WebSocket', () => {
  it.each(['flows.mitm', 'flows.har'])('says again what the server said, message for message: %s', async (name) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (socket) => {
      socket.send('welcome');
      socket.on('message', (data: Buffer) => {
        if (data.toString() === 'bye') socket.close(4001, 'so long');
        else {
          socket.send(`you said ${data.toString()}`);
          socket.send(Buffer.from([1, 2, 3]));
        }
      });
    });
    // A server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const converse = async (proxyPort: number): Promise<unknown[]> => {
      const socket = new WebSocket(`ws://127.0.0.1:${String(proxyPort)}/chat`);
      const heard: unknown[] = [];
      socket.on('message', (data: Buffer, isBinary) => {
        heard.push(isBinary ? [...data] : data.toString());
        if (heard.length === 1) socket.send('hello');
        if (heard.length === 3) socket.send('bye');
      });
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      return [...heard, code, reason.toString()];
    };
    const mode = `reverse:http://127.0.0.1:${String(port)}`;
    const recording = await startProxy({ mode });
    const said = await converse(recording.proxy.port);
    expect(said).toEqual(['welcome', 'you said hello', [1, 2, 3], 4001, 'so long']);
    await recording.proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.timestampEnd !== undefined);
    const file = join(temporaryDirectory(), name);
    await recording.proxy.save(file);
    await recording.proxy.stop();
    server.close();
    for (const client of server.clients) client.terminate();
    const { proxy, lines } = await startProxy({
      mode,
      ...replaying(file, { serverReplayExtra: 'kill', serverReplayReuse: true }),
    });
    expect(await converse(proxy.port)).toEqual(said);
    const [flow] = proxy.httpFlows('~websocket');
    expect(flow?.websocket?.messages.map(({ fromClient }) => fromClient)).toEqual([false, true, false, false, true]);
    const other = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    await once(other, 'message');
    other.ping('are you there');
    expect(String(((await once(other, 'pong')) as [Buffer])[0])).toBe('are you there');
    other.send('something else');
    await once(other, 'message');
    other.close(1000);
    await once(other, 'close');
    expect(lines.join('\n')).toContain('the client sent "something else" where "hello" was recorded');
  });

  it('whose end is not known stays open until the client closes it', async () => {
    const recorded = webSocketFlow({ url: 'ws://a.test/chat', live: false, messages: [{ fromServer: 'welcome' }] });
    const { proxy } = await startProxy({ mode: 'reverse:http://a.test', ...replaying(await fileOf(recorded)) });
    const socket = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    expect(String(((await once(socket, 'message')) as [Buffer])[0])).toBe('welcome');
    socket.ping('are you there');
    await once(socket, 'pong');
    expect(await proxy.call('replay.server.busy')).toBe(1);
    socket.close(1000);
    await once(socket, 'close');
    await proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.timestampEnd !== undefined);
    expect(proxy.httpFlows()[0]?.websocket).toMatchObject({ closedByClient: true, closeCode: 1000 });
    expect(await proxy.call('replay.server.busy')).toBe(0);
  });
});

describe.each([
  ['broke off', (socket: WebSocket) => void socket.terminate(), 1006, 'flows.mitm'],
  ['closed without a status', (socket: WebSocket) => void socket.close(), 1005, 'flows.mitm'],
  ['broke off', (socket: WebSocket) => void socket.terminate(), 1006, 'flows.har'],
  ['closed without a status', (socket: WebSocket) => void socket.close(), 1005, 'flows.har'],
])('a recorded WebSocket that %s', (_, end, code, name) => {
  it('does so again, behind what was said', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    server.on('connection', (socket) => {
      socket.on('message', () => {
        socket.send('answer', () => {
          end(socket);
        });
      });
    });
    // A server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const converse = async (proxyPort: number): Promise<unknown[]> => {
      const socket = new WebSocket(`ws://127.0.0.1:${String(proxyPort)}/chat`);
      const heard: unknown[] = [];
      socket.on('message', (data: Buffer) => heard.push(data.toString()));
      socket.on('open', () => {
        socket.send('question');
      });
      const [status] = (await once(socket, 'close')) as [number];
      return [...heard, status];
    };
    const mode = `reverse:http://127.0.0.1:${String(port)}`;
    const recording = await startProxy({ mode });
    expect(await converse(recording.proxy.port)).toEqual(['answer', code]);
    await recording.proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.timestampEnd !== undefined);
    const file = join(temporaryDirectory(), name);
    await recording.proxy.save(file);
    const { proxy } = await startProxy({ mode, ...replaying(file, { serverReplayExtra: 'kill' }) });
    expect(await converse(proxy.port)).toEqual(['answer', code]);
    await proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.timestampEnd !== undefined);
    expect(proxy.httpFlows()[0]?.websocket).toMatchObject({ closedByClient: false, closeCode: code });
  });
});

it('files that cannot be read are refused', async () => {
  await expect(startProxy(replaying('/nowhere.mitm'))).rejects.toThrow(
    /^server_replay cannot read \/nowhere.mitm: no such file/i,
  );
});
