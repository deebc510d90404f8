import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificateFor } from './certificates.js';

/** Answers a request. Over HTTP/2, Node gives objects that do the same. */
export type OnRequest = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** Node's own web server under a test's hand. */
export interface WebServer {
  readonly port: number;
  readonly server: Server;
}

/** What a server speaks: HTTP/1 in the clear or over TLS, or over TLS what the client chooses. */
export type WebProtocol = 'http' | 'https' | 'h2';

/** Says how it was asked: the version, the method, the target, the Host, and the length of the body. */
const echo: OnRequest = (request, response, body) => {
  const { httpVersion, method = '', url = '', headers } = request;
  const host = headers.host ?? String(headers[':authority']);
  response.end(`HTTP/${httpVersion} ${method} ${url} ${host} ${String(body.length)}`);
};

/** Listens on a free local port until the test is over; over TLS with a certificate of `certificates.ts`. */
export async function webServer(protocol: WebProtocol = 'http', onRequest: OnRequest = echo): Promise<WebServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      onRequest(request, response, Buffer.concat(pieces));
    });
  };
  const server = await serverFor(protocol, listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  const sessions = new Set<Http2Session>();
  server.on('session', (session: Http2Session) => sessions.add(session));
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo. That of HTTP/2 is of another class, and does the same.
  return { port: (server.address() as AddressInfo).port, server: server as unknown as Server };
}

async function serverFor(
  protocol: WebProtocol,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server | Http2SecureServer> {
  if (protocol === 'http') return createServer(listener);
  const { key, cert } = (await certificateFor()).tlsOptions;
  if (protocol === 'https') return createHttpsServer({ key, cert }, listener);
  // The requests and responses of Node's compatibility layer have what a listener uses.
  return createSecureServer({ key, cert, allowHTTP1: true }, listener as never);
}
