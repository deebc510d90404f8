import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { KeepServing } from '../../../src/proxy/dump/keep-serving.js';
import type { Addon } from '../../../src/proxy/hooks/addon.js';
import { defineCommand } from '../../../src/proxy/hooks/command.js';
import { Proxy } from '../../../src/proxy/index.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** Runs a proxy without a server, with an addon that has so many things left to do. */
async function started(
  left: () => number,
  addonOptions: Readonly<Record<string, unknown>>,
): Promise<{ readonly end: ReturnType<typeof vi.fn>; readonly proxy: Proxy; readonly lines: readonly string[] }> {
  const end = vi.fn();
  const lines: string[] = [];
  const clock = { now: () => 0, wait: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const reading: Addon = {
    options: { rfile: { type: 'string', help: '' } },
    commands: { 'readfile.reading': defineCommand([], '', left) },
  };
  const addons = [reading, new KeepServing(clock, end)];
  const log = ({ message }: { readonly message: string }): number => lines.push(message);
  return { end, lines, proxy: await Proxy.start({ server: false, addons, addonOptions }, { log }) };
}

describe('keepserving', () => {
  it('ends the program when nothing is left', async () => {
    let left = 3;
    const { end, proxy, lines } = await started(() => left--, { rfile: 'x' });
    await using _ = proxy;
    await expect.poll(() => end.mock.calls).toHaveLength(1);
    expect(left).toBeLessThan(0);
    expect(lines).toEqual([]);
  });

  it.each(['clientReplay', 'serverReplay'])('says so when %s is over', async (name) => {
    const file = join(temporaryDirectory(), 'none.mitm');
    writeFileSync(file, '');
    const { end, proxy, lines } = await started(() => 0, { [name]: [file] });
    await using _ = proxy;
    await expect.poll(() => end.mock.calls).toHaveLength(1);
    expect(lines).toEqual(['all that was to be replayed was: ending (--keepserving goes on)']);
  });

  it('ends the program when somebody says so', async () => {
    const { end, proxy } = await started(() => 1, {});
    await using _ = proxy;
    await proxy.call('shutdown');
    expect(end).toHaveBeenCalledOnce();
  });

  it.each([{}, { rfile: '' }, { rfile: 'x', keepserving: true }])('goes on with %j', async (options) => {
    const left = vi.fn(() => 0);
    const { end, proxy } = await started(left, options);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    await proxy.stop();
    expect(left).not.toHaveBeenCalled();
    expect(end).not.toHaveBeenCalled();
  });

  it('does not outlive the proxy', async () => {
    const { end, proxy } = await started(() => 1, { rfile: 'x' });
    await proxy.stop();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(end).not.toHaveBeenCalled();
  });
});
