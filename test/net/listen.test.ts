import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError } from '../../src/errors.js';
import { listen } from '../../src/net/listen.js';
import type { Listener, ListenOptions } from '../../src/net/listen.js';
import type { Socket } from 'node:net';
import { connect } from '../kit/connect.js';

async function listening(
  onSocket: (socket: Socket) => void = () => undefined,
  options: ListenOptions = {},
): Promise<Listener> {
  const listener = await listen(options, onSocket);
  onTestFinished(() => listener.close());
  return listener;
}

const tcpHandles = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));

describe('listen', () => {
  test('finds a free port on the local address and hands on each socket', async () => {
    const listener = await listening((socket) => socket.end('hello'));
    expect(listener.address).toBe('127.0.0.1');
    expect(listener.port).toBeGreaterThan(0);
    const client = await connect(listener.port);
    expect((await client.closed()).toString()).toBe('hello');
  });

  test('lets the peer end its side and still be answered', async () => {
    const listener = await listening((socket) => socket.resume().on('end', () => socket.end('late answer')));
    const client = await connect(listener.port, { allowHalfOpen: true });
    client.end();
    expect((await client.untilEnd()).toString()).toBe('late answer');
  });

  test('release gives the port back, and leaves sockets alone', async () => {
    const listener = await listening((socket) => socket.resume().on('end', () => socket.end('late answer')));
    const client = await connect(listener.port, { allowHalfOpen: true });
    while (listener.sockets.size < 1) await new Promise((resolve) => setImmediate(resolve));
    listener.release();
    await expect(connect(listener.port)).rejects.toThrow('ECONNREFUSED');
    const successor = await listening((socket) => socket.end('hello'), { port: listener.port });
    expect((await (await connect(successor.port)).closed()).toString()).toBe('hello');
    client.end();
    expect((await client.untilEnd()).toString()).toBe('late answer');
    await listener.close();
    expect(listener.sockets.size).toBe(0);
  });

  test('close destroys every socket, forgets them, and leaves no handle', async () => {
    const sockets: Socket[] = [];
    const listener = await listening((socket) => sockets.push(socket));
    const clients = await Promise.all([connect(listener.port), connect(listener.port)]);
    while (sockets.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(listener.sockets.size).toBe(2);
    const [first, second] = [listener.close(), listener.close()];
    await Promise.all([first, second]);
    expect(sockets.every((socket) => socket.closed)).toBe(true);
    expect(listener.sockets.size).toBe(0);
    await Promise.all(clients.map((client) => client.closed()));
    expect(tcpHandles()).toEqual([]);
  });

  test('a socket that is reset costs nothing', async () => {
    let accepted: (socket: Socket) => void = () => undefined;
    const socket = new Promise<Socket>((resolve) => (accepted = resolve));
    const listener = await listening((each) => {
      accepted(each.resume());
    });
    const client = await connect(listener.port);
    const victim = await socket;
    const closed = new Promise((resolve) => victim.once('close', resolve));
    client.socket.resetAndDestroy();
    await closed;
    expect(listener.sockets.size).toBe(0);
  });

  test.each([
    ['a port in use', (port: number) => ({ port }), /^cannot listen on 127\.0\.0\.1:\d+: the port is in use$/],
    [
      'a foreign address',
      () => ({ host: '192.0.2.1' }),
      'cannot listen on 192.0.2.1:0: 192.0.2.1 is not an address of this machine',
    ],
    [
      'an unknown name',
      () => ({ host: 'no-such-host.invalid' }),
      'cannot listen on no-such-host.invalid:0: unknown host no-such-host.invalid',
    ],
  ])('says so on %s', async (_, options: (port: number) => ListenOptions, message) => {
    const { port } = await listening();
    const error: unknown = await listen(options(port), () => undefined).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ phase: 'listen', message: expect.stringMatching(message) as string });
  });
});
