import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Peer } from './peer.js';

/** A server that answers only what a test tells it to, and records what it gets. */
export interface RawServer {
  readonly port: number;
  /** Its side of every connection, in the order of their arrival. */
  readonly peers: readonly Peer[];
  /** The connection of that number, once it is there. */
  peer(index?: number): Promise<Peer>;
  close(): Promise<void>;
}

/** Listens on a free local port until the test that made it is over. `onPeer` may answer at once. */
export async function rawServer(onPeer: (peer: Peer) => void = () => undefined): Promise<RawServer> {
  const peers: Peer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new Peer(socket);
    sockets.push(socket);
    peers.push(peer);
    onPeer(peer);
    server.emit('peer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    peers,
    async peer(index = 0) {
      for (;;) {
        const peer = peers[index];
        if (peer !== undefined) return peer;
        await once(server, 'peer');
      }
    },
    close,
  };
}
