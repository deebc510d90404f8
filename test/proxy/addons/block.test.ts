import { expect, it } from 'vitest';
import { Block } from '../../../src/proxy/addons/block.js';
import { clientContext } from '../client-context.js';

/** What becomes of a client, with the options that refuse it. */
async function refusal(address: string, blockGlobal: boolean, blockPrivate: boolean): Promise<string | undefined> {
  const { proxy, client } = clientContext({ options: { blockGlobal, blockPrivate }, addons: [new Block()] });
  client.peername = [address, 50000];
  await proxy.hooks.fire('clientConnected', client);
  return client.error;
}

it.each(['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])('%s is let in', async (address) => {
  expect(await refusal(address, true, true)).toBeUndefined();
});

it.each([
  ...['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.7.7', '198.18.0.1', '::ffff:10.1.2.3'],
  ...['fe80::1', 'fe80::1%eth0', 'fd12::1', 'fc00::1', '::ffff:c0a8:1', '2001:db8::1', '0.0.0.0'],
])('%s is private', async (address) => {
  expect(await refusal(address, true, false)).toBeUndefined();
  expect(await refusal(address, false, true)).toBe('Connection killed by block_private.');
});

it.each(['8.8.8.8', '172.32.0.1', '11.0.0.1', '::ffff:8.8.8.8', '::ffff:808:808', '2606:4700::1', '2606:4700::1%3'])(
  '%s is public',
  async (address) => {
    expect(await refusal(address, false, true)).toBeUndefined();
    expect(await refusal(address, true, false)).toBe('Connection killed by block_global.');
  },
);

it.each(['100.64.0.1', '100.127.255.255', '::ffff:100.64.0.1'])('%s is neither', async (address) => {
  expect(await refusal(address, true, true)).toBeUndefined();
});

it('what has no address is let in', async () => {
  expect(await refusal('', true, true)).toBeUndefined();
});
