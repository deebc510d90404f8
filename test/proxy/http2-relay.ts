import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClientContext } from '../../src/proxy/context.js';
import { ServerConnection } from '../../src/proxy/flow/connection.js';
import type { ClientStream, IncomingBody, OutgoingBody, ServerStream } from '../../src/proxy/http-stream.js';
import type { Upstreams } from '../../src/proxy/http-upstream.js';
import { Http2Session } from '../../src/proxy/http2-session.js';
import { Http2Upstream } from '../../src/proxy/http2-upstream.js';
import type { Route } from '../../src/proxy/route.js';
import type { ServerLink } from '../../src/proxy/server-link.js';

const route: Route = { fixed: undefined, via: undefined, clientTls: false, rewritesHost: false };

/** One connection to a server for all that is asked; without one, nothing can be asked. */
export function upstreamsOf(upstream?: Http2Upstream): Upstreams {
  const refuse = (): Promise<never> => Promise.reject(new Error('there is no connection here'));
  return {
    offer: () => undefined,
    offerFailure: () => undefined,
    open: () => upstream?.open() ?? refuse(),
    take: refuse,
    close: () => undefined,
  };
}

/** A server whose every connection is a session with this exchange. @returns its port and its sessions */
export async function http2Sessions(
  context: ClientContext,
  exchange: (stream: ClientStream) => Promise<void>,
): Promise<{
  readonly port: number;
  readonly sessions: readonly Http2Session[];
  readonly sockets: readonly Socket[];
  readonly runs: readonly Promise<undefined>[];
}> {
  const sessions: Http2Session[] = [];
  const sockets: Socket[] = [];
  const runs: Promise<undefined>[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (duplex) => {
    const session = new Http2Session({ context, route, upstreams: upstreamsOf(), duplex }, (_, stream) =>
      exchange(stream),
    );
    sockets.push(duplex);
    sessions.push(session);
    runs.push(session.run());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(runs);
  });
  // A server that listens on TCP has an AddressInfo.
  return { port: (server.address() as AddressInfo).port, sessions, sockets, runs };
}

/** A connection to a local port. */
export async function linkTo(port: number): Promise<ServerLink> {
  const duplex = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  await once(duplex, 'connect');
  onTestFinished(() => {
    duplex.destroy();
  });
  const connection = new ServerConnection();
  connection.address = ['127.0.0.1', port];
  connection.state = 3;
  const destination = { address: connection.address, tls: false, sni: undefined, via: undefined } as const;
  return { destination, connection, duplex };
}

/** HTTP/2 with a server on a local port. */
export async function http2Upstream(context: ClientContext, port: number): Promise<Http2Upstream> {
  const upstream = new Http2Upstream(context, await linkTo(port));
  onTestFinished(() => {
    upstream.close();
  });
  return upstream;
}

/** Passes bodies on as they arrive. */
export async function relay(from: IncomingBody, to: OutgoingBody): Promise<void> {
  for (;;) {
    const piece = await from.read();
    if (piece === undefined) break;
    await to.write(piece);
  }
  await to.end(from.trailers);
}

/** All of a body. */
export async function gather(body: IncomingBody): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** An exchange that passes everything on to a server as it arrives. */
export function streamThrough(open: () => ServerStream): (stream: ClientStream) => Promise<void> {
  return async (stream) => {
    const server = open();
    const left = new Promise<never>((_, reject) => {
      stream.onAbort(({ reason }) => {
        reject(new Error(reason));
      });
    });
    left.catch(() => undefined);
    try {
      const up = relay(stream.body, server.sendHead(stream.request));
      up.catch(() => undefined);
      const answer = await Promise.race([
        left,
        server.receive((response) => {
          stream.sendInformational(response);
        }),
      ]);
      await Promise.race([left, relay(answer.body, stream.sendHead(answer.response))]);
    } catch {
      stream.abort();
    } finally {
      server.release();
    }
  };
}

/** An exchange that keeps both messages before it passes them on. */
export function keepAndSend(open: () => ServerStream): (stream: ClientStream) => Promise<void> {
  return async (stream) => {
    const server = open();
    stream.onAbort(() => {
      server.release();
    });
    try {
      stream.request.rawContent = await gather(stream.body);
      stream.request.trailers = stream.body.trailers;
      // A server may answer before it has read all.
      const sent = server.sendWhole(stream.request);
      const { response, body } = await server.receive(() => undefined);
      response.rawContent = await gather(body);
      response.trailers = body.trailers;
      await sent;
      await stream.sendWhole(response);
    } catch {
      stream.abort();
    } finally {
      server.release();
    }
  };
}
