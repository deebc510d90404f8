/** A CONNECT request: granted once the target was reached, when that is done at once, or else unseen. */
import { isOwnError } from '../errors.js';
import type { ProtocolError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { writeTo } from '../net/write-to.js';
import { connectsEarly } from './connects-early.js';
import { errorPage } from './error-page.js';
import type { ExchangeParts } from './exchange.js';
import { plannedConnection } from './exchange-target.js';
import type { Address } from './flow/connection.js';
import { clientLeft, proxyStopped } from './flow/flow-error.js';
import { HttpFlow } from './flow/http-flow.js';
import type { Hooks } from './hooks/hooks.js';
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

  /** @param fault why the request is refused, though its head could be read */
  async perform(fault?: ProtocolError): Promise<ConnectOutcome> {
    const { flow, parts } = this;
    flow.live = true;
    try {
      if (parts.route.fixed !== undefined) return await this.refuseForServer();
      await this.hooks.fireFlow('httpConnect', this.flow);
      if (this.isKilled) return await this.deny();
      if (fault !== undefined) flow.response = this.page(400, [fault.message]);
      if (flow.response !== undefined && !isSuccess(flow.response)) return await this.deny();
      return await this.grant();
    } finally {
      flow.live = false;
    }
  }

  private get hooks(): Hooks {
    return this.parts.context.proxy.hooks;
  }

  private get isKilled(): boolean {
    return this.flow.error !== undefined;
  }

  /** The client takes a server for a proxy. */
  private async refuseForServer(): Promise<'closed'> {
    const { flow } = this;
    const page = this.page(502, [
      'CONNECT is for proxies that clients know of; here the connection leads to one server.',
    ]);
    flow.response = page;
    await this.hooks.fireFlow('response', flow);
    if (!this.isKilled) await this.send(page);
    return 'closed';
  }

  private async grant(): Promise<ConnectOutcome> {
    const { flow, request, parts, left } = this;
    const { clock } = parts.context.proxy;
    const target: Address = [request.host, request.port];
    const { via } = flow.serverConn;
    const begun = clock.now() / 1000;
    let server: ServerLink | undefined;
    if (connectsEarly(parts.context.proxy, target)) {
      try {
        server = await parts.upstreams.take({ address: target, tls: false, sni: undefined, via }, left);
        flow.serverConn = server.connection;
      } catch (error) {
        if (!isOwnError(error)) throw error;
        Object.assign(flow.serverConn, { timestampStart: begun, error: error.message });
        const { signal } = parts.context.proxy;
        const cut = signal.aborted ? proxyStopped : left.aborted ? clientLeft : undefined;
        if (cut !== undefined) flow.error = { message: cut, timestamp: clock.now() / 1000 };
        else flow.response = this.page(502, [`No connection to ${formatAddress(...target)}.`, error.message]);
        return this.deny();
      }
    }
    flow.response ??= established(clock.now() / 1000);
    await this.hooks.fireFlow('httpConnected', this.flow);
    await this.send(flow.response);
    return { target, via, server };
  }

  private async deny(): Promise<'refused' | 'closed'> {
    const { flow, parts } = this;
    await this.hooks.fireFlow('httpConnectError', this.flow);
    if (flow.response === undefined) {
      parts.duplex.destroy();
      return 'closed';
    }
    await this.send(flow.response);
    return closesConnection(flow.response) || closesConnection(flow.request) ? 'closed' : 'refused';
  }

  private page(status: number, paragraphs: readonly string[]): Response {
    const now = this.parts.context.proxy.clock.now() / 1000;
    return Object.assign(errorPage(status, paragraphs), { timestampStart: now, timestampEnd: now });
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
