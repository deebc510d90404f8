import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { AddonError } from '../../../src/errors.js';
import { builtInAddons, closingAddons } from '../../../src/proxy/addons/index.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import type { Addon } from '../../../src/proxy/hooks/addon.js';
import { hookNames } from '../../../src/proxy/hooks/hook-table.js';
import { Request } from '../../../src/proxy/message/request.js';
import { run } from '../../kit/run.js';
import { load } from '../addons/fired.js';

const flow = (): HttpFlow => new HttpFlow(Request.make('GET', 'http://a.test/'));

describe('an addon that is idle', () => {
  /** Counts what it is called for, and is idle until the option `busy` is set. */
  class Sleeper implements Addon {
    readonly options = { busy: { type: 'boolean', help: 'Wake up.' } } as const;
    readonly commands = {
      wake: { help: 'Wake up.', parameters: [], run: () => void (this.isAwake = true) },
      wakeLater: { help: 'Wake up.', parameters: [], run: () => Promise.resolve().then(() => (this.isAwake = true)) },
    };
    readonly called: string[] = [];
    isAwake = false;

    isIdle({ options }: { options: Readonly<Record<string, unknown>> }): boolean {
      return options['busy'] !== true && !this.isAwake;
    }

    configure(): void {
      this.called.push('configure');
    }

    request(): void {
      this.called.push('request');
    }

    done(): void {
      this.called.push('done');
    }
  }

  it('is called for its own life alone, until options change', async () => {
    const addon = new Sleeper();
    const { hooks, host } = await load(addon);
    expect(hooks.listens('request')).toBe(false);
    void hooks.fire('request', flow());
    await host.update({ busy: true });
    expect(hooks.listens('request')).toBe(true);
    void hooks.fire('request', flow());
    await host.update({ busy: false });
    void hooks.fire('request', flow());
    await host.remove(addon);
    expect(addon.called).toEqual(['configure', 'configure', 'request', 'configure', 'done']);
  });

  it.each(['wake', 'wakeLater'])('is asked again when a command was called: %s', async (command) => {
    const { hooks, call } = await load(new Sleeper());
    expect(hooks.listens('request')).toBe(false);
    await call(command);
    expect(hooks.listens('request')).toBe(true);
  });

  it('stays idle when a change of options is refused', async () => {
    const { hooks, host } = await load(new Sleeper());
    await host.add({ configure: (updated) => (updated.size === 1 ? Promise.reject(new Error('no')) : undefined) });
    await expect(host.update({ busy: true })).rejects.toThrow('no');
    expect(hooks.listens('request')).toBe(false);
  });

  it('is named when it cannot say so, and is called', async () => {
    const addon: Addon = {
      name: 'bad',
      isIdle: () => {
        throw new Error('who knows');
      },
      request: () => undefined,
    };
    const { hooks, lines } = await load(addon);
    expect(hooks.listens('request')).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^error: addon bad failed in isIdle: who knows/);
  });
});

describe('the addons of every proxy', () => {
  it('cost nothing when nothing is asked of them', async () => {
    const { hooks, host } = await load({ name: 'none' });
    const noAuthority = (): Promise<never> => Promise.reject(new TypeError('there is no authority'));
    for (const addon of [...builtInAddons(noAuthority), ...closingAddons()]) await host.add(addon);
    const ofLife = ['load', 'configure', 'running', 'done'];
    expect(hookNames.filter((hook) => hooks.listens(hook) && !ofLife.includes(hook))).toEqual([
      // Clients from elsewhere are turned away, offers of HTTP/2 taken out, and the page of the authority is served.
      ...['clientConnected', 'requestheaders', 'tlsClienthello'],
    ]);
  });
});

describe('addons that keep flows', () => {
  it('are called behind the others, and behind the holding of flows', async () => {
    const called: string[] = [];
    const addon = (name: string, more: Addon = {}): Addon => ({
      name,
      requestheaders: () => void called.push(`${name} requestheaders`),
      response: () => void called.push(`${name} response`),
      ...more,
    });
    const { hooks, host } = await load(addon('keeper', { keepsFlows: true }));
    await host.add(addon('late', { response: () => Promise.resolve().then(() => called.push('late response')) }));
    const held = flow();
    held.intercept();
    const beginning = hooks.fireFlow('requestheaders', held);
    expect(called.splice(0)).toEqual(['late requestheaders', 'keeper requestheaders']);
    held.resume();
    await beginning;
    held.intercept();
    const ending = hooks.fireFlow('response', held);
    await new Promise(setImmediate);
    expect(called.splice(0)).toEqual(['late response']);
    held.resume();
    await ending;
    expect(called).toEqual(['keeper response']);
  });
});

describe('the place of a failure', () => {
  const told = (...frames: string[]): string =>
    new AddonError('a', 'request', Object.assign(new Error('no'), { stack: ['Error: no', ...frames].join('\n') }))
      .message;

  it('is a line of a file, and never one of Node itself', () => {
    const inner = '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)';
    const bare = '    at node:internal/main/run_main_module:28:49';
    const late = '    at async node:internal/modules/esm/loader:5:9';
    expect(told(inner, bare, late)).toBe('addon a failed in request: no');
    for (const frame of [
      'at file:///a/b.mjs:3:9',
      'at async f (/a/b.mjs:3:9)',
      'at Array.map (<anonymous>)\n    at /a/b.mjs:3:9',
    ]) {
      expect(told(inner, bare, late, `    ${frame}`)).toBe('addon a failed in request: no (at /a/b.mjs:3:9)');
    }
  });
});

describe('a hook that nobody listens to', () => {
  it('takes no memory', async () => {
    const script = fileURLToPath(new URL('unheard-hooks.ts', import.meta.url));
    const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', '--expose-gc', script]);
    expect(stderr).toBe('');
    const { unheard, heard } = JSON.parse(stdout) as Record<'unheard' | 'heard', number>;
    // An object of any kind has sixteen bytes at least.
    expect(unheard).toBeLessThan(1);
    expect(heard).toBeLessThan(1);
  });
});
