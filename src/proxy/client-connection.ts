import type { Socket } from 'node:net';
import { ClientConnection } from './flow/connection.js';
import type { ProxyMode } from './mode.js';
import { plainAddress } from './plain-address.js';

/** What is known of a connection that was accepted. @param now seconds since 1970 */
export function clientConnection(socket: Socket, mode: ProxyMode, now: number): ClientConnection {
  const client = new ClientConnection();
  client.peername = plainAddress(socket.remoteAddress, socket.remotePort);
  client.sockname = plainAddress(socket.localAddress, socket.localPort);
  client.proxyMode = mode.text;
  client.state = 3;
  client.timestampStart = now;
  return client;
}
