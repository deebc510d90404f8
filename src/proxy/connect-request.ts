/** A CONNECT request: granted once the target was reached, when that is done at once, or else unseen. */
import { isOwnError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { unlessAborted } from '../net/unless-aborted.js';
import { writeTo } from '../net/write-to.js';
import { connectsEarly } from './connects-early.js';
import { errorPage } from './error-page.js';
import type { ExchangeParts } from './exchange.js';
import { plannedConnection } from './exchange-target.js';
import type { Address } from './flow/connection.js';
import { HttpFlow } from './flow/http-flow.js';
import type { Http1SessionParts } from './http1-session.js';
import { bodyOf, responseWithBody, wholeMessage } from './http1-writer.js';
import type { Request } from './message/request.js';
import { Response } from './message/response.js';
import type { Tunnel } from './route.js';
import type { ServerLink } from './server-link.js';
import { closesConnection } from './connection-close.js';

/** What a CONNECT request came to: a tunnel, a refusal after which the client may ask again, or the end. */
export type ConnectOutcome = Pick<Tunnel, 'target' | 'via' | 'server'> | 'refused' | 'closed';

export class ConnectRequest {
  private readonly flow: HttpFlow;

  constructor(
    private readonly parts: Http1SessionParts & ExchangeParts,
    private readonly request: Request,
    /** Aborts when the client leaves. */
    private readonly left: AbortSignal,
  ) {
    const { context, route } = parts;
    this.flow = new HttpFlow(request, {
      clientConn: context.client,
      serverConn: plannedConnection(request, route),
    });
  }

  async perform(): Promise<ConnectOutcome> {
    const { flow } = this;
    flow.live = true;
    flow.request.timestampEnd = flow.request.timestampStart;
    flow.request.rawContent = Buffer.alloc(0);
    try {
      await this.call('httpConnect');
      if (this.isKilled) return await this.deny();
      if (flow.response !== undefined && !isSuccess(flow.response)) return await this.deny();
      return await this.grant();
    } finally {
      flow.live = false;
    }
  }

  private async call(hook: 'httpConnect' | 'httpConnected' | 'httpConnectError'): Promise<void> {
    const { hooks, signal } = this.parts.context.proxy;
    const waiting = hooks.fireFlow(hook, this.flow);
    if (waiting !== undefined) await unlessAborted(waiting, signal);
  }

  private get isKilled(): boolean {
    return this.flow.error !== undefined;
  }

  private async grant(): Promise<ConnectOutcome> {
    const { flow, request, parts, left } = this;
    const { clock } = parts.context.proxy;
    const target: Address = [request.host, request.port];
    const { via } = flow.serverConn;
    let server: ServerLink | undefined;
    if (connectsEarly(parts.context.proxy, target)) {
      try {
        server = await parts.upstreams.take({ address: target, tls: false, sni: undefined, via }, left);
        flow.serverConn = server.connection;
      } catch (error) {
        if (!isOwnError(error)) throw error;
        const message = left.aborted ? 'Client disconnected.' : error.message;
        flow.error = { message, timestamp: clock.now() / 1000 };
        flow.response = errorPage(502, [`No connection to ${formatAddress(...target)}.`, error.message]);
        return this.deny();
      }
    }
    flow.response ??= established(clock.now() / 1000);
    await this.call('httpConnected');
    await this.send(flow.response);
    return { target, via, server };
  }

  private async deny(): Promise<'refused' | 'closed'> {
    const { flow, parts } = this;
    await this.call('httpConnectError');
    if (flow.response === undefined) {
      parts.duplex.destroy();
      return 'closed';
    }
    await this.send(flow.response);
    return closesConnection(flow.response) || closesConnection(flow.request) ? 'closed' : 'refused';
  }

  private async send(response: Response): Promise<void> {
    const body = bodyOf(response);
    const head = responseWithBody(response, body, { method: 'CONNECT', isHttp10: false });
    for (const piece of wholeMessage(head, body)) await writeTo(this.parts.duplex, piece);
  }
}

function established(now: number): Response {
  return new Response({
    ...{ statusCode: 200, reason: 'Connection established' },
    ...{ timestampStart: now, timestampEnd: now, rawContent: Buffer.alloc(0) },
  });
}

function isSuccess({ statusCode }: Response): boolean {
  return statusCode >= 200 && statusCode < 300;
}
