import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Peer } from './peer.js';

/** How a client behaves. */
export interface ConnectOptions {
  readonly host?: string;
  /** Goes on receiving after it ended its sending side, and does not end when the other side does. */
  readonly allowHalfOpen?: boolean;
}

/** A raw client of a local port. It is destroyed when the test that made it is over. */
export async function connect(
  port: number,
  { host = '127.0.0.1', allowHalfOpen = false }: ConnectOptions = {},
): Promise<Peer> {
  const socket = connectSocket({ host, port, allowHalfOpen, noDelay: true });
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}
