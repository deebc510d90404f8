import { describe, expect, it } from 'vitest';
import { Proxy } from '../../src/proxy/index.js';
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
