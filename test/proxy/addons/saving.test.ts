import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cut } from '../../../src/proxy/addons/cut.js';
import { ReadFile } from '../../../src/proxy/addons/read-file.js';
import { Save } from '../../../src/proxy/addons/save.js';
import { SaveHar } from '../../../src/proxy/addons/save-har.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { hookNames } from '../../../src/proxy/hooks/hook-table.js';
import type { Addon } from '../../../src/proxy/hooks/addon.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { formatTime } from '../../../src/proxy/save-path.js';
import { saveFlows } from '../../../src/proxy/save-flows.js';
import { readFlowFile } from '../../../src/proxy/storage/flow-file.js';
import type { Har } from '../../../src/proxy/storage/har.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { liveFlow, load } from './fired.js';
import type { Loaded } from './fired.js';
import { startProxy } from './started.js';

async function pathsIn(file: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const flow of readFlowFile(file)) paths.push(flow.type === 'http' ? flow.request.path : flow.type);
  return paths;
}

/** Has a flow begin and end. */
async function pass({ hooks }: Loaded, path: string, status = 200): Promise<HttpFlow> {
  const flow = liveFlow(`http://a.test${path}`);
  await hooks.fire('requestheaders', flow);
  flow.response = Response.make(status);
  await hooks.fire('response', flow);
  return flow;
}

async function saving(options: Record<string, unknown>, now?: () => number): Promise<Loaded> {
  const loaded = await load(new Save(), options, now === undefined ? {} : { now });
  onTestFinished(async () => {
    await loaded.hooks.fire('done', undefined);
  });
  return loaded;
}

describe('saving', () => {
  it('writes what has ended, and at the end what is under way', async () => {
    const file = join(temporaryDirectory(), 'a', 'flows.mitm');
    const loaded = await saving({ saveStreamFile: file });
    await pass(loaded, '/1');
    await loaded.hooks.fire('requestheaders', liveFlow('http://a.test/open'));
    await pass(loaded, '/2');
    await loaded.hooks.fire('done', undefined);
    expect(await pathsIn(file)).toEqual(['/1', '/2', '/open']);
  });

  it('appends, and writes those alone that match', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    const first = await saving({ saveStreamFile: file });
    await pass(first, '/1');
    await first.hooks.fire('done', undefined);
    const second = await saving({ saveStreamFile: `+${file}`, saveStreamFilter: '~c 404' });
    await pass(second, '/2');
    await pass(second, '/3', 404);
    await second.host.update({ saveStreamFilter: '~c 200' });
    await pass(second, '/4', 404);
    await pass(second, '/5');
    await second.hooks.fire('done', undefined);
    expect(await pathsIn(file)).toEqual(['/1', '/3', '/5']);
    await expect(second.host.update({ saveStreamFilter: '~zz' })).rejects.toThrow(/~zz/);
  });

  it('begins a new file when the time asks for one, and loses nothing of a file that it comes back to', async () => {
    const directory = temporaryDirectory();
    let time = new Date(2026, 10, 21, 9, 59, 59).getTime() / 1000;
    const loaded = await saving({ saveStreamFile: join(directory, '%Y-%m-%d_%H.mitm') }, () => time);
    const open = liveFlow('http://a.test/long');
    await loaded.hooks.fire('requestheaders', open);
    await pass(loaded, '/9');
    time += 1;
    await Promise.all([pass(loaded, '/10'), pass(loaded, '/10b')]);
    await loaded.host.update({ saveStreamFile: join(directory, 'other') });
    await loaded.host.update({ saveStreamFile: join(directory, '%Y-%m-%d_%H.mitm') });
    await pass(loaded, '/10c');
    await loaded.hooks.fire('done', undefined);
    expect(readdirSync(directory).sort()).toEqual(['2026-11-21_09.mitm', '2026-11-21_10.mitm', 'other']);
    expect(await pathsIn(join(directory, '2026-11-21_09.mitm'))).toEqual(['/9']);
    expect(await pathsIn(join(directory, '2026-11-21_10.mitm'))).toEqual(['/10', '/10b', '/long', '/10c']);
  });

  it('tells once that a disk is full, and refuses what is no filter, file or not', async () => {
    const { hooks, lines } = await load(new Save(), { saveStreamFile: '/dev/full' });
    const flow = liveFlow('http://a.test/');
    await hooks.fire('requestheaders', flow);
    await hooks.fire('done', undefined);
    expect(lines).toEqual(['error: flows cannot be written to /dev/full any more: No space left on device']);
    await expect(load(new Save(), { saveStreamFilter: '~zz' })).rejects.toThrow("Invalid filter expression: '~zz'");
  });

  it('comes behind the addons of users', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    const origin = await webServer();
    const addon: Addon = { response: (flow) => flow.response?.headers.set('X-Late', 'yes') };
    const { proxy } = await startProxy({
      mode: `reverse:http://127.0.0.1:${String(origin.port)}`,
      addons: [addon],
      addonOptions: { saveStreamFile: file },
    });
    await fetch(proxy.url);
    await proxy.stop();
    expect(readFileSync(file, 'latin1')).toContain('X-Late');
  });

  it('is done by command, too', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    const { call } = await load(new Save(), {}, { flows: [liveFlow('http://a.test/x')] });
    await call('save.file', '~all', file);
    await call('save.file', [liveFlow('http://a.test/y')], `+${file}`);
    expect(await pathsIn(file)).toEqual(['/x', '/y']);
  });
});

it('times are written as strftime does', () => {
  const time = new Date(2026, 0, 5, 15, 4, 9);
  expect(formatTime('%Y%m%d-%H%M%S %I%p %j %a %A %b %B %y %% %e %F %T %Q %', time)).toBe(
    '20260105-150409 03PM 005 Mon Monday Jan January 26 %  5 2026-01-05 15:04:09 %Q %',
  );
});

describe('an archive', () => {
  it('is written at the end, as it is, compressed, or to the standard output', async () => {
    const directory = temporaryDirectory();
    const printed: string[] = [];
    for (const path of ['a.har', 'a.zhar', '-']) {
      const hardump = path === '-' ? path : join(directory, path);
      const loaded = await load(new SaveHar((text) => printed.push(text)), { hardump });
      await pass(loaded, '/1');
      await loaded.hooks.fire('done', undefined);
    }
    const plain = readFileSync(join(directory, 'a.har'), 'utf8');
    expect((JSON.parse(plain) as Har).log.entries).toHaveLength(1);
    expect(inflateSync(readFileSync(join(directory, 'a.zhar'))).toString()).toHaveLength(plain.length);
    expect(printed[0]).toHaveLength(plain.length);
  });

  it('has those alone that match as they are at the end', async () => {
    const hardump = join(temporaryDirectory(), 'a.har');
    const loaded = await load(new Save(), { hardump, saveStreamFilter: '~c 404' });
    await loaded.host.add(new SaveHar());
    await pass(loaded, '/1');
    await pass(loaded, '/2', 404);
    await loaded.hooks.fire('done', undefined);
    const { log } = JSON.parse(readFileSync(hardump, 'utf8')) as Har;
    expect(log.entries.map(({ request }) => request.url)).toEqual(['http://a.test/2']);
    expect(loaded.lines.at(-1)).toMatch(/^info: 1 flow was written to /);
  });

  it('is for its owner alone, and takes the place of an old one when it is whole', async () => {
    const hardump = join(temporaryDirectory(), 'a.har');
    const write = async (): Promise<number> => {
      const { hooks } = await load(new SaveHar(), { hardump });
      await hooks.fire('done', undefined);
      expect(statSync(hardump).mode & 0o777).toBe(0o600);
      return statSync(hardump).ino;
    };
    const first = await write();
    expect(await write()).not.toBe(first);
  });

  it('that cannot be written is one line of the log', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const { hooks, lines } = await load(new SaveHar(), { hardump: `${file}/x.har` });
    await hooks.fire('done', undefined);
    expect(lines).toEqual([expect.stringMatching(/^error: hardump cannot write .*\/file\/x.har: /i)]);
  });
});

describe('reading', () => {
  const flows = (): Flow[] => {
    const websocket = new HttpFlow(Request.make('GET', 'http://a.test/ws'));
    websocket.response = Response.make(101);
    websocket.websocket = new WebSocketData();
    websocket.websocket.messages = [1, 2].map((n) => new WebSocketMessage(1, n === 1, Buffer.from(String(n)), 0));
    const both = new HttpFlow(Request.make('GET', 'http://a.test/both'));
    both.response = Response.make(200);
    both.error = { message: 'lost', timestamp: 1 };
    const tcp = new TcpFlow({});
    tcp.messages = [1, 2].map((n) => ({ fromClient: n === 1, content: Buffer.from(String(n)), timestamp: n }));
    return [websocket, both, tcp];
  };

  /** Notes each hook that is called for a flow. */
  function noting(): { readonly notes: string[]; readonly addon: Addon } {
    const notes: string[] = [];
    const hooks = hookNames.filter((name) => /^(request|response|error|websocket|tcp)/.test(name));
    const note = (hook: string) => (flow: Flow) => {
      const messages =
        flow.type === 'http' ? flow.websocket?.messages : flow.type === 'dns' ? undefined : flow.messages;
      notes.push(`${hook} ${String(messages?.length ?? '')}`.trim());
    };
    return { notes, addon: Object.fromEntries(hooks.map((hook) => [hook, note(hook)])) };
  }

  async function read(file: string, options: Record<string, unknown> = {}, input?: Buffer): Promise<unknown> {
    const { notes, addon } = noting();
    const reader = new ReadFile(() => Readable.from(input === undefined ? [] : [input]));
    const { lines } = await startProxy({ addons: [reader, addon], addonOptions: { rfile: file, ...options } });
    const good = await reader.finished();
    return { notes, good, lines: lines.filter((line) => line.includes('read')) };
  }

  it('calls the hooks as they were called when the flows passed', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    await saveFlows(flows(), file, {});
    const notes = [
      ...['requestheaders 2', 'request 2', 'responseheaders 2', 'response 2'],
      ...['websocketStart 0', 'websocketMessage 1', 'websocketMessage 2', 'websocketEnd 2'],
      ...['requestheaders', 'request', 'responseheaders', 'response', 'error'],
      ...['tcpStart 0', 'tcpMessage 1', 'tcpMessage 2', 'tcpEnd 2'],
    ];
    expect(await read(file)).toEqual({ notes, good: true, lines: [] });
    expect(await read('-', {}, readFileSync(file))).toEqual({ notes, good: true, lines: [] });
    expect(await read(file, { readfileFilter: '~tcp' })).toMatchObject({ notes: notes.slice(-4) });
  });

  it('gives the good flows of a damaged file, and tells the rest', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    await saveFlows(flows(), file, {});
    writeFileSync(file, readFileSync(file).subarray(0, -5));
    expect(await read(file)).toMatchObject({
      good: false,
      lines: [expect.stringMatching(/cannot be read: the flow file cannot be read at byte \d+: /)],
    });
    expect(await read('/nowhere')).toEqual({
      ...{ notes: [], good: false },
      lines: [expect.stringMatching(/^\/nowhere cannot be read: no such file/i)],
    });
  });
});

describe('cuts', () => {
  it('are rows, and tables in files', async () => {
    const { call } = await load(new Cut());
    const first = liveFlow('http://a.test/a', { 'X-A': 'say "hi", you' });
    const second = liveFlow('http://b.test/b');
    const names = ['request.host', 'request.header[x-a]', 'request.is_http2'];
    expect(call('cut', [first, second], names)).toEqual([
      ['a.test', 'say "hi", you', 'false'],
      ['b.test', '', 'false'],
    ]);
    const file = join(temporaryDirectory(), 'cut.csv');
    await call('cut.save', [first, second], 'request.host, request.header[x-a]', file);
    expect(readFileSync(file, 'utf8')).toBe('a.test,"say ""hi"", you"\r\nb.test,\r\n');
    await call('cut.save', [second], ['request.path'], `+${file}`);
    expect(readFileSync(file, 'utf8')).toMatch(/\r\n\/b$/);
    expect(() => call('cut', [first], ['request._private'])).toThrow(/_private/);
  });
});

describe.skipIf(!hasProgram('mitmdump'))('the ancestor', () => {
  it('reads what is saved', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    const loaded = await saving({ saveStreamFile: file });
    await pass(loaded, '/for-you');
    await loaded.hooks.fire('done', undefined);
    const text = execFileSync('mitmdump', ['-n', '-r', file, '--set', 'flow_detail=1'], { encoding: 'utf8' });
    expect(text).toContain('http://a.test/for-you');
  });
});
