import { describe, expect, it } from 'vitest';
import { Proxy } from '../../src/proxy/index.js';
import type { LogEntry } from '../../src/proxy/index.js';
import { SkippingClock } from '../kit/skipping-clock.js';

describe('stop', () => {
  it('waits for an addon that has something to finish, but not for ever', async () => {
    const log: LogEntry[] = [];
    const clock = new SkippingClock();
    const proxy = await Proxy.start({}, { clock, log: (entry) => log.push(entry) });
    await proxy.use({ done: () => new Promise(() => undefined) });
    await proxy.stop();
    expect(log.map(({ message }) => message)).toContain(
      'addon addon had not finished done 10 s after the proxy was stopped',
    );
  });
});
