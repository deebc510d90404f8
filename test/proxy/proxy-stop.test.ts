import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Proxy } from '../../src/proxy/index.js';
import type { Addon, LogEntry } from '../../src/proxy/index.js';
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

  it('waits for an addon once, however often it is called, and for those behind it', async () => {
    const lines: string[] = [];
    const never = (): Promise<never> => new Promise(() => undefined);
    let connected = (): void => undefined;
    const isConnected = new Promise<void>((resolve) => (connected = resolve));
    const stuck: Addon = { name: 'stuck', clientConnected: () => connected(), clientDisconnected: never, done: never };
    const tidy: Addon = {
      name: 'tidy',
      done: async (_, { log }) => {
        await new Promise(setImmediate);
        log.info('all is written');
      },
    };
    const proxy = await Proxy.start(
      { addons: [stuck, tidy] },
      { clock: new SkippingClock(), log: ({ message }) => lines.push(message) },
    );
    const socket = connect(proxy.port, '127.0.0.1');
    await isConnected;
    await proxy.stop();
    socket.destroy();
    expect(lines).toEqual([
      'addon stuck had not finished clientDisconnected 10 s after the proxy was stopped',
      'all is written',
    ]);
  });
});
