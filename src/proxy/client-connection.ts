import type { Socket } from 'node:net';
import { ClientConnection } from './flow/connection.js';
import type { Address } from './flow/connection.js';
import type { ProxyMode } from './mode.js';

/** What is known of a connection that was accepted. @param now seconds since 1970 */
export function clientConnection(socket: Socket, mode: ProxyMode, now: number): ClientConnection {
  const client = new ClientConnection();
  client.peername = addressOf(socket.remoteAddress, socket.remotePort);
  client.sockname = addressOf(socket.localAddress, socket.localPort);
  client.proxyMode = mode.text;
  client.state = 3;
  client.timestampStart = now;
  return client;
}

/** IPv4 addresses on a socket of both families are written as such. */
function addressOf(host = '', port = 0): Address {
  return [host.replace(/^::ffff:(?=\d+\.)/i, ''), port];
}
