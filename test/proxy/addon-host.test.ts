import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../kit/manual-clock.js';
import { OptionError, Proxy } from '../../src/proxy/index.js';
import type { Addon } from '../../src/proxy/index.js';

/** What JavaScript may hand over whatever the types say. */
function start(addons: unknown): Promise<Proxy> {
  return Proxy.start({ addons: addons as Addon[] });
}

describe('what is no addon', () => {
  it.each([
    [[5], 'an addon is an object with functions for hooks, not number'],
    [[null], 'an addon is an object with functions for hooks, not null'],
    [[{ request: 5 }], 'the addon has something in request that is no function'],
    [[{ requets: () => undefined }], 'there is no hook requets, did you mean request?'],
    [5, 'addons takes a list of addons'],
  ])('is refused: %j', async (addons, message) => {
    await expect(start(addons)).rejects.toThrow(new TypeError(message));
  });
});

describe('options that are no declarations', () => {
  const options = { foo: { type: 'integerr', help: '' } };
  const why = 'the option foo has no type "integerr", did you mean integer?';

  it('are refused with the name of the addon that brings them', async () => {
    await expect(start([{ name: 'bad', options }])).rejects.toThrow(new TypeError(`addon bad: ${why}`));
    await using proxy = await Proxy.start();
    await expect(proxy.use({ name: 'bad', options } as unknown as Addon)).rejects.toThrow(`addon bad: ${why}`);
    // What was refused leaves nothing behind.
    await proxy.use({ name: 'good', options: { foo: { type: 'integer', help: '' } } });
    expect(proxy.options['foo']).toBeUndefined();
  });

  it('are refused while the addon is loaded', async () => {
    const bad: Addon = {
      name: 'bad',
      load: (loader) => {
        loader.addOption('foo', { type: 'integer', help: '', default: NaN });
      },
    };
    await expect(start([bad])).rejects.toThrow(
      'addon bad failed in load: the default of the option foo takes a whole number, not NaN',
    );
  });
});

describe('an addon that fails when it is told of the log', () => {
  it('is named once, and not told of that', async () => {
    const lines: string[] = [];
    const told: string[] = [];
    const deaf: Addon = {
      name: 'deaf',
      addLog: () => {
        throw new Error('what?');
      },
      request: (_, { log }) => log.info('hello'),
    };
    const late: Addon = { name: 'late', addLog: () => Promise.reject(new Error('too late')) };
    const addons = [deaf, late, { addLog: ({ message }) => void told.push(message) } satisfies Addon];
    await using proxy = await Proxy.start(
      { addons },
      { log: ({ level, message }) => lines.push(`${level}: ${message}`) },
    );
    for (const path of ['a', 'b']) await fetch(`${proxy.url}/${path}`);
    await expect.poll(() => told.filter((line) => line === 'hello')).toHaveLength(2);
    expect(told.join()).not.toContain('addLog');
    const errors = lines.filter((line) => line.startsWith('error: '));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatch(/^error: addon deaf failed in addLog: what\? \(at .*addon-host\.test\.ts:/);
    expect(errors[1]).toMatch(/^error: addon late failed in addLog: too late/);
  });
});

describe('options that are changed', () => {
  it('by an addon are known to all', async () => {
    const told: string[][] = [];
    await using proxy = await Proxy.start({
      addons: [
        { name: 'on', running: (_, { configure }) => configure({ anticache: true, bodySizeLimit: '10k' }) },
        { name: 'told', configure: (updated) => void told.push([...updated].sort()) },
      ],
    });
    expect(proxy.options).toMatchObject({ anticache: true, bodySizeLimit: 10240 });
    expect(told.at(-1)).toEqual(['anticache', 'bodySizeLimit']);
  });

  it('are given by an object', async () => {
    await using proxy = await Proxy.start();
    for (const changes of [null, undefined, 'anticache']) {
      // As JavaScript may have it.
      const changed = proxy.configure(changes as never);
      await expect(changed).rejects.toThrow(new TypeError('options are changed by an object, by key'));
    }
  });

  it('at the same time are changed one after the other, and a refusal takes back its own alone', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const fussy: Addon = {
      name: 'fussy',
      configure: async (updated) => {
        if (updated.size !== 1 || !updated.has('anticomp')) return;
        await held;
        throw new OptionError('not today');
      },
    };
    await using proxy = await Proxy.start({ addons: [fussy] });
    const changes = [proxy.configure({ anticomp: true }), proxy.configure({ anticache: true })];
    letGo();
    const outcomes = await Promise.allSettled(changes);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(proxy.options).toMatchObject({ anticomp: false, anticache: true });
  });
});

it('an addon that is never ready keeps nobody from being served', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const ready: string[] = [];
  const starting = Proxy.start(
    {
      addons: [
        { name: 'never', running: () => new Promise(() => undefined) },
        { name: 'other', running: () => void ready.push('other') },
      ],
    },
    { clock },
  );
  let isUp = false;
  void starting.then(() => (isUp = true));
  await vi.waitUntil(
    () => {
      if (ready.length > 0) clock.advance(10_000);
      return isUp;
    },
    { timeout: 50_000 },
  );
  await using proxy = await starting;
  // It is the proxy that says that there is nothing.
  expect((await fetch(`http://127.0.0.1:${String(proxy.port)}/`)).ok).toBe(false);
});
