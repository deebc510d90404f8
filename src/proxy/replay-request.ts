/** Sends the request of a flow again, as if a client had. */
import { onAbort } from '../net/on-abort.js';
import { ClientConnection } from './flow/connection.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { ClientContext, ProxyContext } from './context.js';
import { runExchange } from './exchange.js';
import type { ClientStream, IncomingBody, OutgoingBody, StreamEnding } from './http-stream.js';
import type { Request } from './message/request.js';
import type { ProxyMode } from './mode.js';
import { replayRefusal } from './replay-refusal.js';
import type { Address } from './flow/connection.js';
import { createServerDialler } from './server-dialler.js';
import { createUpstreams } from './upstreams.js';

/** A body that is there already. */
class KeptBody implements IncomingBody {
  readonly trailers: IncomingBody['trailers'];
  private left: Buffer | undefined;

  constructor({ rawContent, trailers }: Request) {
    this.left = rawContent;
    this.trailers = trailers;
  }

  get isEmpty(): boolean {
    return this.expectedSize === 0 && this.trailers === undefined;
  }

  get expectedSize(): number {
    return this.left?.length ?? 0;
  }

  read(): Buffer | undefined {
    const piece = this.left;
    this.left = undefined;
    return piece?.length === 0 ? undefined : piece;
  }
}

const nobody: OutgoingBody = {
  write: () => undefined,
  end: () => undefined,
  isLost: false,
};

/** The client that is not there: whatever it is sent is in the flow. */
class AbsentClient implements ClientStream {
  readonly expectsContinue = false;
  readonly body: IncomingBody;

  private readonly forget: (() => void)[] = [];

  /** @param signal aborts when the proxy stops */
  constructor(
    readonly request: Request,
    private readonly signal: AbortSignal,
  ) {
    this.body = new KeptBody(request);
  }

  /** It leaves with the proxy. */
  onAbort(listener: (ending: StreamEnding) => void): void {
    this.forget.push(
      onAbort(this.signal, () => {
        listener({ reason: 'The proxy stops.' });
      }),
    );
  }

  /** Is told of nothing any more. */
  close(): void {
    for (const forget of this.forget) forget();
  }

  sendInformational(): void {
    // Nobody waits for it.
  }

  sendWhole(): void {
    // It is in the flow.
  }

  sendHead(): OutgoingBody {
    return nobody;
  }

  abort(): void {
    // There is nothing to close.
  }

  cut(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Runs the exchange of a flow anew: its response and its error are those of this time, its body is kept. Through the
 * proxy of upstream mode, if there is one; otherwise to the server that the request names.
 * When the server changes the protocol (101), nobody is there to speak it: its connection is closed.
 * @param ownAddresses what the proxy itself listens on, and will not connect to
 * @returns when the exchange is over; never rejects for what the network does
 * @throws {TypeError} for a request that cannot be sent again
 */
export async function replayRequest(
  proxy: ProxyContext,
  flow: HttpFlow,
  mode: ProxyMode,
  ownAddresses: () => readonly Address[],
): Promise<void> {
  const refusal = replayRefusal(flow);
  if (refusal !== undefined) throw new TypeError(refusal);
  const { request } = flow;
  const now = proxy.clock.now() / 1000;
  const client = new ClientConnection();
  Object.assign(client, { peername: flow.clientConn.peername, proxyMode: mode.text, timestampStart: now, state: 3 });
  // Servers are offered what the client speaks.
  client.alpn = request.isHttp2 ? 'h2' : 'http/1.1';
  const content = request.rawContent;
  request.timestampStart = now;
  request.timestampEnd = undefined;
  request.stream = false;
  Object.assign(flow, { response: undefined, error: undefined, isReplay: 'request' });
  const context: ClientContext = { proxy, client, mode };
  const upstreams = createUpstreams(context, createServerDialler(context, ownAddresses));
  const via = mode.type === 'upstream' ? ([mode.scheme, mode.address] as const) : undefined;
  const route = { fixed: undefined, via, clientTls: request.scheme === 'https', rewritesHost: false };
  const stream = new AbsentClient(request, proxy.signal);
  request.rawContent = undefined;
  try {
    await runExchange({ context, route, upstreams, flow }, stream);
  } finally {
    stream.close();
    request.rawContent ??= content;
    client.state = 0;
    client.timestampEnd = proxy.clock.now() / 1000;
    upstreams.close();
  }
}
