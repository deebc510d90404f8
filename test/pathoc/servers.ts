/** Servers that the client's tests talk to. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** Node's own HTTP server, until the test is over. */
export function nodeServer(listener: RequestListener): Promise<number> {
  return listening(createServer(listener));
}

/** A server of the package `ws`, until the test is over. */
export async function websocketServer(onSocket: (socket: WebSocket) => void): Promise<number> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return listening(server);
}

/** Answers each request head with the next of the answers; ends the connection after the last when told to. */
export function answering(
  answers: readonly string[],
  { end = false }: { readonly end?: boolean } = {},
): Promise<RawServer> {
  return rawServer((peer) => {
    void answerInTurn(peer, answers, end);
  });
}

async function answerInTurn(peer: Peer, answers: readonly string[], end: boolean): Promise<void> {
  try {
    for (const [index, answer] of answers.entries()) {
      await peer.until((received) => received.toString('latin1').split('\r\n\r\n').length > index + 1);
      peer.send(answer);
    }
    if (end) peer.end();
  } catch {
    // The client left before it had all answers, which is its right.
  }
}
