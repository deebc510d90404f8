// docs/features/server-replay.md
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { saveFlows } from '../../../src/proxy/save-flows.js';
import { connect } from '../../kit/connect.js';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest, WebProtocol, WebServer } from '../../kit/web-server.js';

/** A server, and how many connections it took. */
interface Origin extends WebServer {
  readonly host: string;
  readonly connections: () => number;
}

const day = 86_400_000;

/** Says who asked for what, with dates of a day ago and of a day from now. */
const answer: OnRequest = ({ method, url = '', headers }, response, body) => {
  const at = (offset: number): string => new Date(Date.now() + offset).toUTCString();
  // Node's responses of HTTP/2 give nothing back here.
  response.setHeader('Expires', at(day));
  response.setHeader('Last-Modified', at(-day));
  response.setHeader('Set-Cookie', `seen=1; Expires=${at(day)}`);
  response.end(`${String(method)} ${url} ${String(headers['x-tenant'])} ${body.toString()}`);
};

async function origin(protocol: WebProtocol): Promise<Origin> {
  const server = await webServer(protocol, answer);
  let connections = 0;
  server.server.on('connection', () => connections++);
  return { ...server, host: `127.0.0.1:${String(server.port)}`, connections: () => connections };
}

/** What curl gets: the body, or the status of what was not recorded. */
const shown = ['-w', '[%{http_code}]'];

describe.skipIf(!hasProgram('curl'))('server replay', { timeout: 60_000 }, () => {
  test('answers from a recording, and compares what it is told to', async () => {
    const { host, connections } = await origin('http');
    const url = `http://${host}`;
    const file = join(temporaryDirectory(), 'flows');
    const recorder = await dumpProcess('-w', file);
    for (const tenant of ['blue', 'red']) await recorder.through('-H', `X-Tenant: ${tenant}`, `${url}/who`);
    await recorder.through('-d', 'token=1&q=x', `${url}/form`);
    await recorder.through('-d', 'anything', `${url}/body?session=1&q=x`);
    expect((await recorder.stop()).status).toBe(0);
    const before = connections();

    const [oldStrict, strict, oldLoose, loose] = await Promise.all([
      dumpProcess('-S', file, '--rheader', 'x-tenant', '--norefresh', '--replay-kill-extra', '--no-pop'),
      dumpProcess(
        ...['-S', file, '--server-replay-use-headers', 'x-tenant', '--no-server-replay-refresh'],
        ...['--server-replay-extra', 'kill', '--server-replay-reuse'],
      ),
      dumpProcess(
        ...['-S', file, '--replay-ignore-param', 'session', '--replay-ignore-payload-param', 'token'],
        ...['--replay-ignore-host', '--replay-kill-extra', '--set', 'keepserving'],
      ),
      dumpProcess(
        ...['-S', file, '--server-replay-ignore-params', 'session', '--server-replay-ignore-payload-params', 'token'],
        ...['--server-replay-ignore-host', '--server-replay-extra', 'kill', '--keepserving'],
      ),
    ]);
    const stale = /last-modified: (.*)\r\n/i;
    for (const program of [oldStrict, strict]) {
      const ask = (tenant: string): ReturnType<DumpProcess['through']> =>
        program.through('-i', '-H', `X-Tenant: ${tenant}`, '-A', 'another', `${url}/who`);
      const bodies = await Promise.all(['red', 'blue', 'red'].map(ask));
      expect(bodies.map(({ stdout }) => stdout.split('\r\n\r\n')[1])).toEqual(
        ['red', 'blue', 'red'].map((tenant) => `GET /who ${tenant} `),
      );
      expect(new Set(bodies.map(({ stdout }) => stale.exec(stdout)?.[1])).size).toBeLessThan(3);
      expect((await ask('green')).code).toBe(52);
      expect(program.out).toContain('it differs in header x-tenant green, recorded was red. It is killed.');
    }
    for (const program of [oldLoose, loose]) {
      const elsewhere = url.replace('127.0.0.1', 'elsewhere.test');
      const form = await program.through('-d', 'token=2&q=x', `${elsewhere}/form`);
      expect(form.stdout).toBe('POST /form undefined token=1&q=x');
      const body = await program.through('-d', 'anything', `${elsewhere}/body?session=2&q=x`);
      expect(body.stdout).toBe('POST /body?session=1&q=x undefined anything');
      // Each answers once.
      expect((await program.through('-d', 'token=2&q=x', `${elsewhere}/form`)).code).toBe(52);
      expect(program.out).toContain('it was recorded once, and no response to it is left. It is killed.');
    }
    for (const program of [oldStrict, oldLoose]) expect(program.err).toContain('--replay-kill-extra');
    for (const program of [strict, loose]) expect(program.err).toBe('');
    expect(connections()).toBe(before);
  });

  test('keeps the server away in every mode, also when all was given', async () => {
    const [plain, secure] = await Promise.all([origin('http'), origin('h2')]);
    const file = join(temporaryDirectory(), 'flows');
    const recorder = await dumpProcess('-w', file);
    for (const url of [`http://${plain.host}/a`, `https://${secure.host}/a`])
      for (let i = 0; i < 6; i++) await recorder.through(url);
    await recorder.stop();
    const before = [plain.connections(), secure.connections()];
    const away = await origin('http');
    const modes = [
      ...['regular', 'socks5', `reverse:http://${plain.host}`, `reverse:https://${secure.host}`],
      ...[`upstream:http://${away.host}`, `reverse:tcp://${plain.host}`],
    ];
    const program = await dumpProcess(
      ...['-S', file, '--keepserving', '--server-replay-extra', '404', ...modes.flatMap((mode) => ['--mode', mode])],
    );
    await program.until(/reverse:tcp.* listening at (\S+)\n/);
    const at = Object.fromEntries(
      Array.from(program.out.matchAll(/\((\w+)(:\w+)?.*\) listening at (\S+)\n/g), ([, type, scheme = '', address]) => [
        `${String(type)}${scheme}`,
        String(address),
      ]),
    );
    const urls = [`http://${plain.host}`, `https://${secure.host}`];
    const ways = [
      ...urls.map((url) => ['-x', `http://${String(at['regular'])}`, url]),
      ...urls.map((url) => ['-p', '-x', `http://${String(at['regular'])}`, url]),
      ...urls.map((url) => ['-x', `http://${String(at['upstream:http'])}`, url]),
      ...urls.map((url) => ['--socks5-hostname', String(at['socks5']), url]),
      ...['http', 'https'].map((scheme) => [`${scheme}://${String(at['reverse:http'])}`]),
      ...['http', 'https'].map((scheme) => [`${scheme}://${String(at['reverse:https'])}`]),
    ];
    for (const path of ['/a', '/other']) {
      const answers = await Promise.all(
        ways.map((way) => program.curl(...shown, ...way.slice(0, -1), `${String(way.at(-1))}${path}`)),
      );
      expect(answers.map(({ stdout, stderr }) => stdout.replace(/^server_replay:.*\n/, '') + stderr)).toEqual(
        ways.map(() => (path === '/a' ? 'GET /a undefined [200]' : '[404]')),
      );
    }
    const left = await program.through(...shown, `https://${secure.host}/a`);
    expect(left.stdout).toContain('it was recorded 6 times, and no response to it is left\n[404]');
    // Bytes of which nothing can be recorded do not reach a server either.
    const bytes = await connect(Number(String(at['reverse:tcp']).replace(/.*:/, '')));
    await bytes.send('no HTTP\n').closed();
    expect([plain.connections(), secure.connections()]).toEqual(before);
    expect(away.connections()).toBe(0);
  });

  test('connects to the server for what is passed on, and for nothing else', async () => {
    const { host, connections } = await origin('h2');
    const file = join(temporaryDirectory(), 'flows');
    const recorder = await dumpProcess('-w', file);
    await recorder.through(`https://${host}/a`);
    await recorder.stop();
    const before = connections();
    const program = await dumpProcess('-S', file, '--keepserving', '--mode', `reverse:https://${host}`);
    for (const version of ['--http2', '--http1.1']) {
      const url = `https://${program.at}`;
      const answers = await program.curl(version, ...shown, `${url}/a`, `${url}/b`);
      expect(answers.stdout).toBe('GET /a undefined [200]GET /b undefined [200]');
    }
    expect(program.out).toContain('It is passed on to the server.');
    expect(connections()).toBeGreaterThan(before);
  });

  test('says on a WebSocket what the server said, and ends behind it', async () => {
    const { server, host, connections } = await origin('http');
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.send('welcome');
      socket.on('message', (data: Buffer) => {
        if (data.toString() === 'bye') socket.close(4001, 'so long');
        else for (let i = 0; i < 50; i++) socket.send(`${String(i)} ${data.toString()} ${'x'.repeat(1000)}`);
      });
    });
    const converse = async (port: number): Promise<string[]> => {
      const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/chat`);
      const heard: string[] = [];
      // All that was recorded is used by now; what was said then is not said yet.
      const dally = async (): Promise<void> => {
        for (let i = 0; i < 50; i++) {
          socket.ping();
          await once(socket, 'pong');
        }
        socket.send('hello');
      };
      socket.on('message', (data: Buffer) => {
        heard.push(data.toString());
        if (heard.length === 1) void dally();
        if (heard.length === 51) socket.send('bye');
      });
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      return [...heard, String(code), reason.toString()];
    };
    const file = join(temporaryDirectory(), 'flows');
    const mode = ['--mode', `reverse:http://${host}`];
    const recorder = await dumpProcess('-w', file, ...mode);
    const said = await converse(recorder.port);
    expect(said.slice(-2)).toEqual(['4001', 'so long']);
    await recorder.stop();
    const before = connections();
    const program = await dumpProcess('-S', file, '--server-replay-extra', 'kill', ...mode);
    expect(await converse(program.port)).toEqual(said);
    // All was given.
    expect(await program.stop()).toMatchObject({ status: 0, err: '' });
    expect(connections()).toBe(before);
  });

  test('ends when a client has all of the last response, however slowly it reads', async () => {
    const flow = new HttpFlow(Request.make('GET', 'http://a.test/', '', { Host: 'a.test' }));
    const size = 20_000_000;
    flow.response = Response.make(200, Buffer.alloc(size));
    const file = join(temporaryDirectory(), 'flows');
    await saveFlows([flow], file, {});
    const program = await dumpProcess('-S', file, '--server-replay-extra', 'kill');
    const client = await connect(program.port);
    client.send('GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await once(client.socket, 'data');
    client.socket.pause();
    await program.until(/<< 200 OK/);
    client.socket.resume();
    const received = await client.closed();
    expect(received.length - received.indexOf('\r\n\r\n') - 4).toBe(size);
    expect(await program.stop()).toMatchObject({ status: 0, err: '' });
  });
});
