import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ConnectionError, OptionError } from '../../src/errors.js';
import { originalDestinations } from '../../src/net/original-destination.js';
import { connect } from '../kit/connect.js';

/** The server's end of a connection within this machine. */
async function accepted(): Promise<Socket> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  const address = server.address();
  await connect(typeof address === 'object' && address !== null ? address.port : 0);
  const [socket] = await arrived;
  server.close();
  return socket;
}

describe('original destinations', () => {
  test('are known on Linux alone', async () => {
    await expect(originalDestinations('darwin')).rejects.toThrow(
      new OptionError('the mode transparent needs Linux: darwin does not tell where connections were going'),
    );
  });

  test('need koffi', async () => {
    const missing = (): Promise<unknown> => Promise.reject(new Error("Cannot find package 'koffi'\nfrom elsewhere"));
    await expect(originalDestinations('linux', missing)).rejects.toThrow(
      new OptionError("the mode transparent needs the package koffi: npm install koffi (Cannot find package 'koffi')"),
    );
  });

  test.skipIf(process.platform !== 'linux')('are those of redirected connections', async () => {
    const destinationOf = await originalDestinations();
    const socket = await accepted();
    // A packet filter that tracks connections tells the address that was connected to; one that does not, nothing.
    let told: unknown;
    try {
      told = destinationOf(socket);
    } catch (error) {
      expect(error).toBeInstanceOf(ConnectionError);
      const local = `127.0.0.1:${String(socket.localPort)}`;
      expect(error).toMatchObject({
        message: `the original destination of a connection to ${local} is not known: it was not redirected here`,
      });
    }
    if (told !== undefined) expect(told).toEqual({ host: '127.0.0.1', port: socket.localPort });
    socket.destroy();
    await once(socket, 'close');
    expect(() => destinationOf(socket)).toThrow('the connection is gone');
  });
});
