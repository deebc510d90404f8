/** A server that breaks its answers off, and clients of either layer. */
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificateFor } from '../kit/certificates.js';
import { Peer } from '../kit/peer.js';

export type Layer = 'TCP' | 'TLS';

/** Sends a part of a body, and what comes after it. @param raw the connection that the socket lies on */
export type BreakOff = (socket: Socket, part: Buffer, raw: Socket) => void;

/** Ends the connection in the same turn. */
export const leave: BreakOff = (socket, part) => socket.end(part);

/**
 * Answers `/length/5` and `/chunks/5` with five bytes of a larger body, all of them `z`, until the test is over.
 * @returns its port
 */
export async function breakingServer(layer: Layer, breakOff: BreakOff = leave): Promise<number> {
  const raws: Socket[] = [];
  const serve = (socket: Socket): void => {
    // One is asked at a time.
    const raw = raws.at(-1) ?? socket;
    socket.setNoDelay().on('error', () => undefined);
    socket.once('data', (request: Buffer) => {
      const [, framing, size] = /^GET \/(\w+)\/(\d+) /.exec(request.toString('latin1')) ?? [];
      const isChunked = framing === 'chunks';
      const field = isChunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 9999999';
      socket.write(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
      const part = Buffer.alloc(Number(size), 'z');
      breakOff(socket, isChunked && part.length > 0 ? chunkOf(part) : part, raw);
    });
  };
  const { tlsOptions } = await certificateFor();
  const server = layer === 'TCP' ? createTcpServer(serve) : createTlsServer(tlsOptions, serve);
  server.prependListener('connection', (socket: Socket) => {
    raws.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of raws) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** A client of a local port. It is destroyed when the test that made it is over. */
export async function clientOver(layer: Layer, port: number, protocol = 'http/1.1'): Promise<Peer> {
  const to = { host: '127.0.0.1', port, noDelay: true };
  const tls = { rejectUnauthorized: false, ALPNProtocols: [protocol] };
  const socket = layer === 'TCP' ? connectTcp(to) : connectTls({ ...to, ...tls });
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new Peer(socket);
  await once(socket, layer === 'TCP' ? 'connect' : 'secureConnect');
  return peer;
}

function chunkOf(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}
