import type { Duplex } from 'node:stream';
import { domainToASCII } from 'node:url';
import { ConnectionError, ProtocolError } from '../errors.js';
import { awaitLayer, isGivenUp } from '../net/await-layer.js';
import { formatAddress } from '../net/format-address.js';
import { ProxyConnect } from '../net/proxy-connect.js';
import { shakeHands } from '../net/proxy-handshake.js';
import type { ClientContext } from './context.js';
import type { Address, ServerConnection } from './flow/connection.js';
import { HttpFlow } from './flow/http-flow.js';
import { Request } from './message/request.js';

/** Which proxy is to connect where, and how long it may take. */
export interface ConnectThroughOptions {
  readonly server: ServerConnection;
  readonly target: Address;
  readonly proxy: Address;
  /** Milliseconds. */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
}

const lineEnd = Buffer.from('\r\n');

/**
 * Has a proxy connect on, by CONNECT (RFC 9110, section 9.3.6). The hook `httpConnectUpstream` may change the request
 * before. The stream is paused then, and what follows in it is the server's.
 * @throws {ConnectionError} of phase `proxy`, when the proxy refuses or leaves, or an addon kills the flow
 */
export async function connectThrough(
  context: ClientContext,
  duplex: Duplex,
  { server, target, proxy, patience, signal }: ConnectThroughOptions,
): Promise<void> {
  const { clock } = context.proxy;
  const via = formatAddress(...proxy);
  const request = await hookedRequest(context, server, target);
  if (request === undefined) {
    throw new ConnectionError(`the connection through ${via} was killed`, 'proxy', via);
  }
  const handshake = shakeHands(duplex, new ProxyConnect(bytesOf(request)));
  await awaitLayer(duplex, handshake, { timeout: patience, signal, clock }, (cause) => {
    if (!isGivenUp(cause) && !(cause instanceof ProtocolError)) return cause;
    const message = `the proxy ${via} did not connect to ${request.authority}: ${cause.message}`;
    return new ConnectionError(message, 'proxy', via, { cause });
  });
}

/** The request as addons left it; undefined when they killed it. */
async function hookedRequest(
  { proxy, client }: ClientContext,
  server: ServerConnection,
  target: Address,
): Promise<Request | undefined> {
  const { clock, hooks, store } = proxy;
  const request = connectRequest(target, store.values.httpConnectSendHostHeader, clock.now() / 1000);
  if (!hooks.listens('httpConnectUpstream')) return request;
  const flow = new HttpFlow(request, { clientConn: client, serverConn: server });
  flow.live = true;
  await hooks.fireFlow('httpConnectUpstream', flow);
  flow.live = false;
  return flow.error === undefined ? flow.request : undefined;
}

function connectRequest([host, port]: Address, sendHost: boolean, now: number): Request {
  const authority = formatAddress(/[^\0-\x7f]/.test(host) ? domainToASCII(host) : host, port);
  return new Request({
    method: 'CONNECT',
    scheme: '',
    host,
    port,
    authority,
    path: '',
    headers: sendHost ? [['Host', authority]] : [],
    rawContent: Buffer.alloc(0),
    timestampStart: now,
    timestampEnd: now,
  });
}

function bytesOf({ rawMethod, authority, httpVersion, headers }: Request): Buffer {
  const line = Buffer.from(`${rawMethod} ${authority} ${httpVersion}\r\n`, 'latin1');
  return Buffer.concat([line, headers.block, lineEnd]);
}
