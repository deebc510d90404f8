import { describe, expect, it } from 'vitest';
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
