import { once } from 'node:events';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FilterError, OptionError } from '../../src/errors.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { TcpFlow, UdpFlow } from '../../src/proxy/flow/stream-flow.js';
import { WebSocketData } from '../../src/proxy/flow/websocket.js';
import type { LogEntry } from '../../src/proxy/hooks/hook-data.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { Recorder } from '../../src/proxy/recorder.js';
import type { RecorderOptions } from '../../src/proxy/recorder.js';
import { FlowReader } from '../../src/proxy/storage/flow-reader.js';
import { encodeFlow } from '../../src/proxy/storage/origin.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

interface Recording {
  readonly path: string;
  readonly recorder: Recorder;
  readonly log: readonly LogEntry[];
}

async function recording(
  options: RecorderOptions = {},
  path = join(temporaryDirectory(), 'flows.mitm'),
): Promise<Recording> {
  const entries: LogEntry[] = [];
  const log = new Log(
    () => 0,
    (entry) => entries.push(entry),
  );
  const recorder = await Recorder.open(path, options, log);
  onTestFinished(() => recorder.done());
  return { path, recorder, log: entries };
}

function begun(recorder: Recorder, path: string, body: string | Buffer = ''): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', `http://a.test${path}`, body));
  recorder.requestheaders(flow);
  return flow;
}

function passed(recorder: Recorder, path: string, body: string | Buffer = ''): Promise<void> | undefined {
  const flow = begun(recorder, path);
  flow.response = Response.make(200, body);
  return recorder.response(flow);
}

function flowsOf(bytes: Buffer): Flow[] {
  const reader = new FlowReader();
  reader.receive(bytes);
  reader.finish();
  return [...reader];
}

function pathsIn(path: string): string[] {
  return flowsOf(readFileSync(path)).map((flow) => (flow.type === 'http' ? flow.request.path : flow.type));
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a recording', () => {
  it('has each flow once it has ended, in the order of their end', async () => {
    const { path, recorder } = await recording();
    const slow = begun(recorder, '/slow');
    void passed(recorder, '/1');
    const stream = new TcpFlow({});
    recorder.tcpStart(stream);
    slow.error = { message: 'reset', timestamp: 1 };
    void recorder.error(slow);
    void recorder.tcpEnd(stream);
    await recorder.flush();
    expect(pathsIn(path)).toEqual(['/1', '/slow', 'tcp']);
  });

  it('is with the operating system when the turn of the event loop is over, without anybody asking', async () => {
    const { path, recorder } = await recording();
    for (let i = 0; i < 100; i++) expect(passed(recorder, `/${String(i)}`)).toBeUndefined();
    expect(statSync(path).size).toBe(0);
    await turn();
    expect(pathsIn(path)).toHaveLength(100);
  });

  it('has WebSockets when they are closed, and what is under way when it ends', async () => {
    const { path, recorder } = await recording();
    const chat = begun(recorder, '/chat');
    chat.response = Response.make(101);
    chat.websocket = new WebSocketData();
    void recorder.response(chat);
    begun(recorder, '/unanswered');
    const open = new TcpFlow({});
    recorder.tcpStart(open);
    await recorder.flush();
    expect(pathsIn(path)).toEqual([]);
    void recorder.websocketEnd(chat);
    await recorder.flush();
    expect(pathsIn(path)).toEqual(['/chat']);
    await recorder.done();
    expect(pathsIn(path)).toEqual(['/chat', '/unanswered', 'tcp']);
    void passed(recorder, '/too-late');
    await recorder.close();
    expect(pathsIn(path)).toHaveLength(3);
  });

  it('has only what the filter lets through', async () => {
    const { path, recorder } = await recording({ filter: '~u /yes | ~e' });
    void passed(recorder, '/yes');
    void passed(recorder, '/no');
    begun(recorder, '/no-either');
    await recorder.close();
    expect(pathsIn(path)).toEqual(['/yes']);
    await expect(recording({ filter: '~u' })).rejects.toBeInstanceOf(FilterError);
  });

  it('takes the place of an old one, or is appended to it', async () => {
    const { path, recorder } = await recording({}, join(temporaryDirectory(), 'new', 'place', 'flows.mitm'));
    void passed(recorder, '/1');
    await recorder.close();
    for (const [append, expected] of [
      [true, ['/1', '/2']],
      [false, ['/2']],
    ] as const) {
      const next = await recording({ append }, path);
      void passed(next.recorder, '/2');
      await next.recorder.close();
      expect(pathsIn(path)).toEqual(expected);
      expect(next.log).toEqual([]);
    }
  });

  it('can be read by its owner only, unless the file was there', async () => {
    const { path, recorder } = await recording();
    await recorder.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    for (const append of [true, false]) await (await recording({ append }, path)).recorder.close();
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('is of the layout that is asked for', async () => {
    for (const layout of [17, 21] as const) {
      const { path, recorder } = await recording({ layout });
      void passed(recorder, '/');
      await recorder.close();
      expect(readFileSync(path, 'latin1')).toContain(`7:version;2:${String(layout)}#`);
    }
  });

  it('lacks a flow that its layout has no place for, and says so', async () => {
    const { path, recorder, log } = await recording();
    const datagrams = new UdpFlow({});
    recorder.udpStart(datagrams);
    void recorder.udpEnd(datagrams);
    void passed(recorder, '/after');
    await recorder.close();
    expect(pathsIn(path)).toEqual(['/after']);
    expect(log.map(({ level, message }) => [level, message.replace(path, 'FILE')])).toEqual([
      ['error', 'a flow was not written to FILE: a UDP flow cannot be written in layout 17, only in layout 21'],
    ]);
  });

  it('holds bodies of any size', async () => {
    const { path, recorder } = await recording();
    const sizes = [0, 1, 64, 65_536, 3_000_000, 20_000_000];
    for (const size of sizes) void passed(recorder, `/${String(size)}`, Buffer.alloc(size, 'x'));
    await recorder.close();
    expect(pathsIn(path)).toEqual(sizes.map((size) => `/${String(size)}`));
  });
});

describe('appending to a file', () => {
  const whole = encodeFlow(new HttpFlow(Request.make('GET', 'http://a.test/whole', Buffer.alloc(100_000))));

  it('takes a flow out that is not whole, and says so', async () => {
    for (const left of [1, 5, 1000, whole.length - 1]) {
      const path = join(temporaryDirectory(), 'flows.mitm');
      writeFileSync(path, Buffer.concat([whole, whole, whole.subarray(0, left)]));
      const { recorder, log } = await recording({ append: true }, path);
      void passed(recorder, '/behind');
      await recorder.close();
      expect(pathsIn(path)).toEqual(['/whole', '/whole', '/behind']);
      expect(log.map(({ level, message }) => [level, message])).toEqual([
        ['warn', `${path} ended within a flow: the last ${String(left)} bytes were taken out of it`],
      ]);
    }
  });

  it('leaves whole flows alone, many small ones too', async () => {
    const path = join(temporaryDirectory(), 'flows.mitm');
    const small = encodeFlow(new HttpFlow(Request.make('GET', 'http://a.test/')));
    for (let i = 0; i < 200; i++) appendFileSync(path, small);
    const { recorder, log } = await recording({ append: true }, path);
    await recorder.close();
    expect([pathsIn(path).length, log]).toEqual([200, []]);
  });

  it('refuses what holds something else, and changes nothing in it', async () => {
    const path = join(temporaryDirectory(), 'notes.txt');
    for (const text of ['hello', '{"log":{}}', `${whole.toString('latin1')}\nmore`]) {
      writeFileSync(path, text, 'latin1');
      const failure = recording({ append: true }, path);
      await expect(failure).rejects.toBeInstanceOf(OptionError);
      await expect(failure).rejects.toThrow(/^flows cannot be appended to .*notes\.txt: there is something else in it/);
      expect(readFileSync(path, 'latin1')).toBe(text);
    }
  });
});

describe('a file that cannot be written', () => {
  it('is a clear error at once', async () => {
    const directory = temporaryDirectory();
    await expect(recording({}, directory)).rejects.toThrow(
      `flows cannot be written to ${directory}: Illegal operation on a directory`,
    );
    writeFileSync(join(directory, 'file'), '');
    await expect(recording({}, join(directory, 'file', 'x'))).rejects.toBeInstanceOf(OptionError);
    await expect(recording({}, '/proc/nope/x')).rejects.toThrow(
      'flows cannot be written to /proc/nope/x: No such file or directory',
    );
  });

  it('because the disk is full is one line of the log, and an error for whoever asks', async () => {
    const { recorder, log } = await recording({}, '/dev/full');
    const message = 'flows cannot be written to /dev/full: No space left on device';
    for (let i = 0; i < 10; i++) void passed(recorder, '/');
    await expect(recorder.flush()).rejects.toThrow(message);
    await expect(recorder.flush()).rejects.toBeInstanceOf(OptionError);
    for (let i = 0; i < 10; i++) void passed(recorder, '/');
    await recorder.done();
    await expect(recorder.close()).rejects.toThrow(message);
    await expect(recorder.flush()).rejects.toThrow(message);
    expect(log.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'flows cannot be written to /dev/full any more: No space left on device'],
    ]);
  });

  it('in the middle keeps the whole flows that are in it', async () => {
    const place = smallDisk();
    if (place === undefined) return;
    const { path, recorder, log } = await recording({}, join(place, 'flows.mitm'));
    for (let i = 0; i < 100; i++) {
      void passed(recorder, `/${String(i)}`, Buffer.alloc(7000));
      await turn();
    }
    await expect(recorder.close()).rejects.toThrow('No space left on device');
    expect(log).toHaveLength(1);
    const paths = pathsIn(path);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths).toEqual(paths.map((_, i) => `/${String(i)}`));
  });
});

/** A file system of 256 KiB, where such may be made. */
function smallDisk(): string | undefined {
  const place = join(temporaryDirectory(), 'disk');
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', place], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', place]);
  });
  return place;
}

describe('a slow reader of what is recorded', () => {
  it('makes flows wait, and gets all of them', async () => {
    const path = join(temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(reader, 'close');
    const { recorder } = await recording({}, path);
    const body = Buffer.alloc(1_000_000, 'x');
    let [written, wait]: [number, Promise<void> | undefined] = [0, undefined];
    while (wait === undefined) wait = passed(recorder, `/${String(written++)}`, body);
    expect(written).toBeGreaterThan(10);
    expect(written).toBeLessThan(30);
    const chunks: Buffer[] = [];
    reader.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await wait;
    await recorder.close();
    await gone;
    expect(flowsOf(Buffer.concat(chunks))).toHaveLength(written);
  });

  it('of a plain file that takes long is not waited for', async () => {
    let time = 0;
    const clock = { now: () => (time += 1000), wait: () => Promise.resolve() };
    const { path, recorder } = await recording({ clock });
    for (let i = 0; i < 20; i++) {
      void passed(recorder, `/${String(i)}`);
      await turn();
    }
    await recorder.close();
    expect(pathsIn(path)).toEqual(Array.from({ length: 20 }, (_, i) => `/${String(i)}`));
  });
});
