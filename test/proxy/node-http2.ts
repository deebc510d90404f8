import { once } from 'node:events';
import { connect, createSecureServer, createServer } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  ClientSessionOptions,
  Http2Session,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
  SecureClientSessionOptions,
  ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificateFor } from '../kit/certificates.js';

/** Answers a stream. */
export type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

// Node counts what it buffers itself, and closes a session that is over it.
const maxSessionMemory = 1000;

/** Node's HTTP/2 server on a free local port, over TLS unless told otherwise, until the test is over. */
export async function nodeServer(onStream: OnStream, { tls = false } = {}): Promise<number> {
  const server = tls
    ? createSecureServer({ ...(await certificateFor()).tlsOptions, maxSessionMemory })
    : createServer({ maxSessionMemory });
  const sessions = new Set<Http2Session>();
  server.on('session', (session: Http2Session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    onStream(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** Node's HTTP/2 client, until the test is over. */
export function nodeClient(
  url: string,
  options: ClientSessionOptions | SecureClientSessionOptions = {},
): ClientHttp2Session {
  const client = connect(url, { maxSessionMemory, rejectUnauthorized: false, ...options });
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

/** A response. */
export interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  /** Codes of 1xx responses. */
  readonly informational: readonly (number | undefined)[];
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders | undefined;
}

/** Sends a request with its body and resolves with the response. */
export async function ask(
  client: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
  trailers?: OutgoingHttpHeaders,
): Promise<Got> {
  const stream = client.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailers ?? {});
  });
  if (body !== undefined) stream.end(body);
  return answerOn(stream);
}

/** The response on a stream. */
export async function answerOn(stream: ClientHttp2Stream): Promise<Got> {
  let got: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
  let trailers: IncomingHttpHeaders | undefined;
  const informational: (number | undefined)[] = [];
  const pieces: Buffer[] = [];
  stream.on('headers', (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
    informational.push(headers[':status']);
  });
  stream.on('response', (headers) => (got = headers));
  stream.on('trailers', (headers: IncomingHttpHeaders) => (trailers = headers));
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await once(stream, 'end');
  return { status: got?.[':status'], headers: got ?? {}, informational, body: Buffer.concat(pieces), trailers };
}
