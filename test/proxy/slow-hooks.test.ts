import { describe, expect, it, onTestFinished } from 'vitest';
import { Proxy, readFlowFile } from '../../src/proxy/index.js';
import type { Addon, Flow } from '../../src/proxy/index.js';
import { join } from 'node:path';
import { ManualClock } from '../kit/manual-clock.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';

/** A proxy before a web server, and the lines of its log. */
async function before(...addons: readonly Addon[]) {
  const { port } = await webServer();
  const clock = new ManualClock(1_700_000_000_000);
  const lines: string[] = [];
  const proxy = await Proxy.start(
    { mode: `reverse:http://127.0.0.1:${String(port)}`, addons },
    { clock, log: ({ level, message }) => lines.push(`${level}: ${message}`) },
  );
  onTestFinished(() => proxy.stop());
  const slow = (): string[] =>
    lines.filter((line) => line.includes('has not finished') || line.includes('has finished'));
  return { proxy, clock, lines, slow, server: `127.0.0.1:${String(port)}` };
}

/** An addon whose hook settles when it is told to; only for paths that begin with /slow. */
function slowAddon(hook: 'request' | 'response' = 'response') {
  const settle: (() => void)[] = [];
  let called: () => void = () => undefined;
  const isCalled = new Promise<void>((resolve) => (called = resolve));
  const addon: Addon = {
    name: 'slow',
    [hook]: (flow: Flow) => {
      if (flow.type !== 'http' || !flow.request.path.startsWith('/slow')) return undefined;
      called();
      return new Promise<void>((resolve) => settle.push(resolve));
    },
  };
  return { addon, settle, isCalled };
}

describe('a hook that does not settle', () => {
  it('is named after ten seconds, with its addon and the flow that waits; other flows go on', async () => {
    const { addon, settle, isCalled } = slowAddon();
    const { proxy, clock, slow, server } = await before(addon);
    const asking = fetch(`${proxy.url}/slow`);
    await isCalled;
    expect(await (await fetch(`${proxy.url}/quick`)).text()).toContain('/quick');
    clock.advance(9_999);
    await new Promise(setImmediate);
    expect(slow()).toEqual([]);
    clock.advance(1);
    await expect
      .poll(slow)
      .toEqual([
        `warn: addon slow has not finished response of GET http://${server}/slow after 10 s: that flow waits for it`,
      ]);
    expect(await (await fetch(`${proxy.url}/quick`)).text()).toContain('/quick');
    clock.advance(5_500);
    settle[0]?.();
    expect(await (await asking).text()).toContain('/slow');
    expect(slow().slice(1)).toEqual([
      `debug: addon slow has finished response of GET http://${server}/slow after 15.5 s`,
    ]);
  });

  it('is named once, and while nothing is waited for there is no timer', async () => {
    const { addon, settle } = slowAddon('request');
    const { proxy, clock, slow } = await before(addon);
    const asking = [1, 2, 3].map((i) => fetch(`${proxy.url}/slow/${String(i)}`));
    await expect.poll(() => settle.length).toBe(3);
    clock.advance(10_000);
    await expect.poll(() => slow().length).toBe(1);
    for (const each of settle) each();
    await Promise.all(asking);
    await expect.poll(() => clock.waiting.filter((ms) => ms === 10_000)).toEqual([]);
    expect(slow().filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('is named when it is about no flow', async () => {
    const { proxy, clock, slow } = await before();
    const using = proxy.use({ name: 'lazy', load: () => new Promise(() => undefined) });
    await clock.untilWaiting(10_000);
    clock.advance(10_000);
    await expect.poll(slow).toEqual(['warn: addon lazy has not finished load after 10 s: it is waited for']);
    await Promise.race([using, proxy.stop()]);
  });

  it('does not keep a flow from being written down when the proxy stops', async () => {
    const { addon, isCalled } = slowAddon();
    const { proxy } = await before(addon);
    const file = join(temporaryDirectory(), 'flows');
    await proxy.record(file);
    const asking = fetch(`${proxy.url}/slow`).catch(() => undefined);
    await isCalled;
    await proxy.stop();
    await asking;
    const read: Flow[] = [];
    for await (const flow of readFlowFile(file)) read.push(flow);
    expect(read).toMatchObject([{ request: { path: '/slow' }, response: { statusCode: 200 } }]);
  });
});
