import { expect, test } from 'vitest';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';

test('what an addon injects into a TCP connection: text and bytes, either way', async () => {
  const addon: Addon = {
    name: 'greeter',
    tcpStart: (flow, { flows }) => {
      flows.inject(flow, true, 'grüße ');
      flows.inject(flow, false, Buffer.from([0xff, 0x21]));
    },
  };
  const server = await rawServer();
  const { proxy } = await startedProxy({ mode: `reverse:tcp://127.0.0.1:${String(server.port)}`, addons: [addon] });
  const client = await connect(proxy.port);
  const greeting = Buffer.from('grüße ');
  expect(await client.until(greeting.length)).toEqual(greeting);
  const peer = await server.peer();
  expect([...(await peer.until(2))]).toEqual([0xff, 0x21]);
});

test('an addon that waits is over when the proxy stops', async () => {
  const steps: string[] = [];
  const addon: Addon = {
    name: 'waiter',
    running: (_, { wait }) => {
      void wait(3600).then(() => steps.push('over'));
    },
  };
  const { proxy } = await startedProxy({ addons: [addon] });
  expect(steps).toEqual([]);
  await proxy.stop();
  expect(steps).toEqual(['over']);
});
