// Flows that a running proxy writes to a file, whatever happens to it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { FlowFileError } from '../../src/errors.js';
import { FlowReader } from '../../src/proxy/storage/flow-reader.js';
import { runProgram } from '../kit/program.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';

const clients = 20;

/** The flows of a file, which may end within one. */
function flowsIn(path: string): readonly Flow[] {
  const reader = new FlowReader();
  const flows: Flow[] = [];
  reader.receive(readFileSync(path));
  reader.finish();
  try {
    for (const flow of reader) flows.push(flow);
  } catch (error) {
    if (!(error instanceof FlowFileError)) throw error;
  }
  return flows;
}

function pathsIn(path: string): readonly string[] {
  return flowsIn(path).map((flow) => (flow.type === 'http' ? flow.request.path : flow.type));
}

test('a recording whose disk is full tells whoever asks, and the traffic goes on', async () => {
  const server = await webServer('http', (_, response) => {
    response.end('answered');
  });
  const { proxy, lines } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(server.port)}` });
  const recording = await proxy.record('/dev/full');
  const other = await proxy.record('/dev/full');
  for (const path of ['/1', '/2']) expect(await (await fetch(proxy.url + path)).text()).toBe('answered');
  const message = 'flows cannot be written to /dev/full: No space left on device';
  await expect(recording.flush()).rejects.toThrow(message);
  expect(await (await fetch(`${proxy.url}/3`)).text()).toBe('answered');
  for (const _ of [1, 2]) await expect(recording.stop()).rejects.toThrow(message);
  await proxy.stop();
  await expect(other.stop()).rejects.toThrow(message);
  const failed = 'error: flows cannot be written to /dev/full any more: No space left on device';
  expect(lines.filter((line) => line.includes('/dev/full'))).toEqual([failed, failed]);
});

/** Asks for `/CLIENT/0`, `/CLIENT/1`... until nobody answers. Gives how many were answered in full. */
async function askOn(url: string, client: number, answered: () => void): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  for (let i = 0; ; i++) {
    const target = `${url}/${String(client)}/${String(i)}`;
    const whole = await new Promise<boolean>((resolve) => {
      const asked = request(target, { agent }, (response) => {
        response.resume().on('close', () => {
          resolve(response.complete);
        });
      });
      asked.on('error', () => {
        resolve(false);
      });
      asked.end();
    });
    if (!whole) return i;
    answered();
  }
}

describe('a recording', () => {
  test('has each flow as addons have left it, the last of them when the proxy stops', async () => {
    const { port } = await webServer();
    const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(port)}` });
    const path = join(temporaryDirectory(), 'flows.mitm');
    const recording = await proxy.record(path, { filter: '~u /kept' });
    await proxy.use({
      response: (flow) => {
        flow.comment = 'seen';
      },
    });
    for (const target of ['/kept/1', '/left', '/kept/2']) await (await fetch(proxy.url + target)).text();
    await recording.flush();
    expect(pathsIn(path)).toEqual(['/kept/1', '/kept/2']);
    expect(flowsIn(path).map(({ comment }) => comment)).toEqual(['seen', 'seen']);
    const waiting = fetch(`${proxy.url}/kept/3`);
    await (await waiting).text();
    await proxy.stop();
    expect(pathsIn(path)).toEqual(['/kept/1', '/kept/2', '/kept/3']);
  });

  test('has a WebSocket once, when it was closed, with its messages', async () => {
    const { port, server } = await webServer();
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data: Buffer) => socket.send(`echo of ${data.toString()}`));
    });
    const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(port)}` });
    const path = join(temporaryDirectory(), 'flows.mitm');
    const recording = await proxy.record(path);
    const socket = new WebSocket(proxy.url.replace('http', 'ws'));
    await once(socket, 'open');
    const opened = await proxy.waitForFlow('~websocket');
    const told = proxy.waitForFlow('~websocket & ~b "echo of hello"');
    socket.send('hello');
    expect(await told).toBe(opened);
    await recording.flush();
    expect(pathsIn(path)).toEqual([]);
    socket.close(1000);
    await once(socket, 'close');
    await proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.timestampEnd !== undefined);
    await proxy.stop();
    const flows = flowsIn(path);
    expect(flows).toHaveLength(1);
    expect(proxy.flows()).toEqual([opened]);
    const [flow] = flows;
    const messages = flow?.type === 'http' ? flow.websocket?.messages.map(({ text }) => text) : undefined;
    expect(messages).toEqual(['hello', 'echo of hello']);
  });

  test('has what is under way when the proxy stops', async () => {
    const { port, server } = await webServer('http', () => undefined);
    const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(port)}` });
    const path = join(temporaryDirectory(), 'flows.mitm');
    await proxy.record(path);
    const arrived = new Promise((resolve) => server.once('request', resolve));
    const failing = fetch(`${proxy.url}/never`).catch(() => undefined);
    await arrived;
    await proxy.stop();
    await failing;
    expect(pathsIn(path)).toEqual(['/never']);
  });

  test('survives kill -9 under load, but for flows that were in flight', { timeout: 60_000 }, async () => {
    const body = Buffer.alloc(3000, 'x');
    const { port } = await webServer('http', (_, response) => response.end(body));
    const path = join(temporaryDirectory(), 'flows.mitm');
    const argv = [`http://127.0.0.1:${String(port)}`, path];
    const started = runProgram('../test/scenarios/recording-proxy.ts', argv);
    const [url] = await started.until(/http:\/\/\S+/);
    let count = 0;
    const answered = (): void => {
      if (++count === 2000) started.child.kill('SIGKILL');
    };
    const counts = await Promise.all(Array.from({ length: clients }, (_, client) => askOn(url, client, answered)));
    await started.ended();
    const found = pathsIn(path);
    expect(new Set(found).size).toBe(found.length);
    const lost = counts.map((done, client) => {
      const kept = found.filter((target) => target.startsWith(`/${String(client)}/`));
      expect(kept).toEqual(kept.map((_, i) => `/${String(client)}/${String(i)}`));
      return done - kept.length;
    });
    // Each client had one flow in flight at most.
    expect(Math.max(...lost)).toBeLessThanOrEqual(1);

    const again = runProgram('../test/scenarios/recording-proxy.ts', argv);
    const [next] = await again.until(/http:\/\/\S+/);
    // What was answered is in the file once anything else is answered.
    for (const target of ['/again', '/more']) await (await fetch(next + target)).text();
    expect(pathsIn(path).slice(0, found.length + 1)).toEqual([...found, '/again']);
  });

  test.skipIf(!hasProgram('mitmdump'))(
    'is read by the real mitmdump, and so is what is saved',
    { timeout: 60_000 },
    async () => {
      const { port } = await webServer();
      const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(port)}` });
      const directory = temporaryDirectory();
      const [recorded, saved] = ['recorded.mitm', 'saved.mitm'].map((name) => join(directory, name));
      if (recorded === undefined || saved === undefined) return;
      const recording = await proxy.record(recorded);
      for (let i = 0; i < 5; i++)
        await (await fetch(`${proxy.url}/${String(i)}`, { method: 'POST', body: 'é' })).text();
      await recording.stop();
      await proxy.save(saved, { filter: '~u /[34]$' });
      const options = ['--set', `confdir=${directory}`, '--set', 'flow_detail=1'];
      for (const [file, targets] of [
        [recorded, ['/0', '/1', '/2', '/3', '/4']],
        [saved, ['/3', '/4']],
      ] as const) {
        const { code, stdout, stderr } = await run('mitmdump', ['-n', '-r', file, ...options]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(Array.from(stdout.matchAll(/POST http:\S+?(\/\d)$/gm), ([, target]) => target)).toEqual(targets);
      }
    },
  );
});
