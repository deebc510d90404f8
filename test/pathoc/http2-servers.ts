/** HTTP/2 servers that the client's tests talk to. */
import { createServer, createSecureServer } from 'node:http2';
import type { Http2Server, IncomingHttpHeaders, SecureServerOptions, ServerHttp2Stream } from 'node:http2';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { HpackEncoder } from '../../src/wire/hpack-encoder.js';
import { encodeDataFrame, encodeHeadersFrame, encodeSettingsFrame } from '../../src/wire/http2-encode.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import { connectionPreface, frameTypes } from '../../src/wire/http2-registry.js';
import type { Peer } from '../kit/peer.js';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';

/** Fields of a header block. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A header block, tables left alone. */
export function block(fields: Fields): Buffer {
  const parts = fields.map(([name, value]) => ({ name, value }));
  return new HpackEncoder().encode(parts, { indexing: 'static' });
}

/** HEADERS of a response. */
export function head(streamId: number, fields: Fields = [[':status', '200']], endStream = false): Buffer {
  return encodeHeadersFrame({ streamId, fragment: block(fields), endStream });
}

/** DATA. */
export function data(streamId: number, text: string, endStream = true): Buffer {
  return encodeDataFrame({ streamId, data: Buffer.from(text, 'latin1'), endStream });
}

/** SETTINGS, empty unless told otherwise: what a server begins with. */
export const settings = encodeSettingsFrame({});

/** The frames that a client has sent, its preface aside. */
export function framesFrom(peer: Peer): Http2Frame[] {
  const reader = new Http2FrameReader({ maximumFrameSize: 2 ** 24 });
  reader.receive(peer.received.subarray(connectionPreface.length));
  const frames: Http2Frame[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  return frames;
}

/** Resolves with the frame of a type, counted from 0, once the client has sent it. */
export async function frameFrom(peer: Peer, type: keyof typeof frameTypes, index = 0): Promise<Http2Frame> {
  const find = (): Http2Frame | undefined => framesFrom(peer).filter((frame) => frame.type === frameTypes[type])[index];
  await peer.until(() => find() !== undefined);
  const found = find();
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
}

/** Sends SETTINGS, and after HEADERS number `i` of the client the answer of that number. */
export function craftedServer(
  answers: readonly Uint8Array[],
  options: { readonly end?: boolean } = {},
): Promise<RawServer> {
  return scripted(async (peer) => {
    peer.send(settings);
    for (const [index, answer] of answers.entries()) {
      await frameFrom(peer, 'headers', index);
      peer.send(answer);
    }
    if (options.end === true) peer.end();
  });
}

/** Does as a script says on every connection; a client may leave at any time. */
export function scripted(script: (peer: Peer) => Promise<void>): Promise<RawServer> {
  return rawServer((peer) => {
    script(peer).catch(() => undefined);
  });
}

async function listening(server: Http2Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** What Node's server does with a stream. */
export type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Node's own HTTP/2 server without TLS, until the test is over. */
export function nodeHttp2Server(listener: StreamListener): Promise<number> {
  const server = createServer();
  server.on('stream', listener);
  return listening(server);
}

/** Node's own HTTP/2 server over TLS, until the test is over. */
export function nodeHttp2SecureServer(options: SecureServerOptions, listener: StreamListener): Promise<number> {
  const server = createSecureServer(options);
  server.on('stream', listener);
  return listening(server);
}
