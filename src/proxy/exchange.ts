/**
 * One exchange: a request of a client, and the response that it gets, with all hooks on the way.
 *
 *     requestheaders -> body -> request -> server -> responseheaders -> body -> response -> client
 *
 * Of a flow exactly one of `response` and `error` is called, whatever happens.
 */
import { ConnectionError, isOwnError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { unlessAborted } from '../net/unless-aborted.js';
import type { ClientContext } from './context.js';
import { errorPage } from './error-page.js';
import { ExchangeFailure, failureFor } from './exchange-failure.js';
import { aimRequest, destinationOf, plannedConnection } from './exchange-target.js';
import { killed } from './flow/flow-error.js';
import { HttpFlow } from './flow/http-flow.js';
import type { FlowHookName } from './hooks/hook-table.js';
import type { ClientStream, IncomingBody, ServerAnswer, ServerStream } from './http-stream.js';
import type { Upstreams } from './http-upstream.js';
import { gatherBody, streamBody } from './message-body.js';
import type { Gathered } from './message-body.js';
import type { Message } from './message/message.js';
import { Response } from './message/response.js';
import type { Route } from './route.js';
import { answerUpgraded, relayUpgraded } from './upgrade.js';

/** What the exchanges of a stream have in common. */
export interface ExchangeParts {
  readonly context: ClientContext;
  readonly route: Route;
  readonly upstreams: Upstreams;
  /** The flow that the exchange fills; a new one when absent. */
  readonly flow?: HttpFlow | undefined;
}

/** Runs one exchange. Never rejects for what the network, the peers or addons do. */
export function runExchange(parts: ExchangeParts, client: ClientStream): Promise<void> {
  return new Exchange(parts, client).run();
}

/** Hooks that an exchange calls. */
type ExchangeHook = Extract<FlowHookName, 'requestheaders' | 'request' | 'responseheaders' | 'response' | 'error'>;

/** Methods that mean the same when they are said twice (RFC 9110, section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

class Exchange {
  private readonly flow: HttpFlow;
  private server: ServerStream | undefined;
  /** Why it was stopped from outside: the client left, or the flow was killed. */
  private stopped: ExchangeFailure | undefined;
  private onStop: ((failure: ExchangeFailure) => void) | undefined;
  /** The sending of a request that is passed on as it arrives. */
  private sending: Promise<void> | undefined;
  private sendingFailure: unknown;
  /** Whether the client waits for 100 (Continue) from the server. */
  private awaitsContinue: boolean;
  /** Whether `response` was called. */
  private isAnswered = false;
  /** Whether the client got a part of a response that is no 1xx. */
  private hasBegun = false;

  constructor(
    private readonly parts: ExchangeParts,
    private readonly client: ClientStream,
  ) {
    const { context, route, flow } = parts;
    const { request } = client;
    this.awaitsContinue = client.expectsContinue;
    aimRequest(request, route);
    const clientConn = context.client;
    const serverConn = plannedConnection(request, route);
    if (flow === undefined) this.flow = new HttpFlow(request, { clientConn, serverConn });
    else this.flow = Object.assign(flow, { request, clientConn, serverConn });
  }

  async run(): Promise<void> {
    const { flow, client } = this;
    flow.live = true;
    client.onAbort(({ reason }) => {
      this.stop(new ExchangeFailure(reason, undefined));
    });
    flow.onKill(() => {
      this.stop(new ExchangeFailure(killed, undefined));
      client.abort();
    });
    try {
      await this.perform();
    } catch (error) {
      await this.fail(error);
    } finally {
      flow.onKill();
      flow.live = false;
      this.server?.release();
    }
  }

  private stop(failure: ExchangeFailure): void {
    if (this.stopped !== undefined) return;
    this.stopped = failure;
    this.server?.release();
    this.onStop?.(failure);
  }

  private async perform(): Promise<void> {
    const { flow } = this;
    let waiting = this.fire('requestheaders');
    if (waiting !== undefined) await waiting;
    const reading = this.readRequest();
    const gathered = reading instanceof Promise ? await reading : reading;
    if (gathered === 'whole') {
      waiting = this.fire('request');
      if (waiting !== undefined) await waiting;
    }
    if (flow.response !== undefined) await this.answer(flow.response);
    else await this.forward(gathered === 'whole');
    if (this.sending !== undefined) await this.sending;
  }

  /** Calls a hook. @throws {ExchangeFailure} when the exchange was stopped meanwhile */
  private fire(hook: ExchangeHook): void | Promise<void> {
    const waiting = this.call(hook);
    if (waiting !== undefined) return waiting.then(this.check);
    this.check();
    return undefined;
  }

  /** Calls a hook. A flow may be held there without its client, but not without the proxy. */
  private call(hook: ExchangeHook): void | Promise<void> {
    const { hooks, signal } = this.parts.context.proxy;
    const waiting = hooks.fireFlow(hook, this.flow);
    return waiting === undefined ? undefined : unlessAborted(waiting, signal);
  }

  private readonly check = (): void => {
    if (this.parts.context.proxy.signal.aborted) this.stop(new ExchangeFailure('The proxy was stopped.', undefined));
    if (this.stopped !== undefined) throw this.stopped;
  };

  private readRequest(): Gathered | Promise<Gathered> {
    const { client, flow } = this;
    const { request } = flow;
    const { body } = client;
    if (body.isEmpty) return this.requestRead(gatherBody(request, body, noLimits) as 'whole');
    if (flow.response !== undefined && client.expectsContinue) return 'whole';
    if (request.stream !== false && flow.response === undefined) {
      this.refuseLarge(body, 'request', 413);
      return 'large';
    }
    if (client.expectsContinue) {
      client.sendInformational(new Response({ statusCode: 100, reason: 'Continue' }));
      this.awaitsContinue = false;
      request.headers.delete('expect');
    }
    return this.gatherRequest(request, body);
  }

  private async gatherRequest(request: Message, body: IncomingBody): Promise<Gathered> {
    let gathered: Gathered;
    try {
      gathered = await gatherBody(request, body, this.limits());
    } catch (error) {
      throw this.stopped ?? clientFailure(error);
    }
    if (gathered === 'refused') throw this.tooLarge('request', 413);
    return gathered === 'large' ? gathered : this.requestRead(gathered);
  }

  private requestRead(gathered: 'whole'): 'whole' {
    this.flow.request.timestampEnd = this.now();
    return gathered;
  }

  /** Asks the server. */
  private async forward(isWhole: boolean): Promise<void> {
    const answer = isWhole ? await this.ask() : await this.askWhileReading();
    const { response, body } = answer;
    const { flow } = this;
    flow.response = response;
    const waiting = this.fire('responseheaders');
    if (waiting !== undefined) await waiting;
    const received = flow.response;
    if (received !== response) {
      // An addon gave another response: that of the server is not wanted.
      await this.answer(received);
      return;
    }
    this.streamEvents(response);
    if (response.stream === false) {
      const gathering = gatherBody(response, body, this.limits());
      const gathered = gathering instanceof Promise ? await gathering : gathering;
      if (gathered === 'refused') throw this.tooLarge('response', 502);
      if (gathered === 'whole') {
        response.timestampEnd = this.now();
        await this.answer(response);
        return;
      }
      response.stream = true;
    } else this.refuseLarge(body, 'response', 502);
    await this.streamResponse(response, body);
  }

  /** Sends the whole request. One that fails on a connection that was used before is tried once anew. */
  private async ask(): Promise<ServerAnswer> {
    const { request } = this.flow;
    for (let isFirst = true; ; isFirst = false) {
      const opening = this.open(!isFirst);
      const server = opening instanceof Promise ? await opening : opening;
      void server.sendWhole(request);
      try {
        return await server.receive(this.inform);
      } catch (error) {
        const mayRetry =
          isFirst && server.isReused && error instanceof ConnectionError && idempotent.has(request.method);
        if (!mayRetry || this.stopped !== undefined) throw error;
        server.release();
      }
    }
  }

  /** Passes the request on as it arrives. */
  private async askWhileReading(): Promise<ServerAnswer> {
    const opening = this.open(false);
    const server = opening instanceof Promise ? await opening : opening;
    this.sending = this.sendRequest(server);
    return server.receive(this.inform);
  }

  /** Never rejects: what fails is kept, and ends the waiting for the response. */
  private async sendRequest(server: ServerStream): Promise<void> {
    const { client, flow } = this;
    const { request } = flow;
    try {
      request.stream ||= true;
      forgetLength(request, client.body);
      const outgoing = server.sendHead(request);
      await streamBody(request, client.body, outgoing, this.values.storeStreamedBodies);
      request.timestampEnd = this.now();
      const waiting = this.fire('request');
      if (waiting !== undefined) await waiting;
      await outgoing.end(request.trailers);
    } catch (error) {
      this.sendingFailure = isOwnError(error) ? clientFailure(error) : error;
      server.release();
    }
  }

  private open(fresh: boolean): ServerStream | Promise<ServerStream> {
    const { parts, flow } = this;
    const opening = parts.upstreams.open(destinationOf(flow, parts.route), undefined, fresh);
    if (opening instanceof Promise) return this.opened(opening);
    this.noteServer(opening);
    return opening;
  }

  /** Waits for a connection, unless the exchange is stopped. */
  private opened(opening: Promise<ServerStream>): Promise<ServerStream> {
    return new Promise((resolve, reject) => {
      this.onStop = reject;
      opening.then((server) => {
        if (this.stopped !== undefined) {
          server.release();
          return;
        }
        this.noteServer(server);
        resolve(server);
      }, reject);
    });
  }

  private noteServer(server: ServerStream): void {
    this.server = server;
    this.flow.serverConn = server.connection;
  }

  private readonly inform = (response: Response): void => {
    if (response.statusCode !== 100 || this.awaitsContinue) this.client.sendInformational(response);
  };

  /** Gives the client a response that is at hand. */
  private async answer(response: Response): Promise<void> {
    const { client, server } = this;
    if (response.timestampStart === 0) response.timestampStart = response.timestampEnd = this.now();
    this.isAnswered = true;
    const waiting = this.fire('response');
    if (waiting !== undefined) await waiting;
    // The hook may have put another one in its place.
    const final = this.flow.response ?? response;
    this.hasBegun = true;
    const sent = client.sendWhole(final);
    if (sent !== undefined) await sent;
    if (final.statusCode !== 101) return;
    const { context } = this.parts;
    if (server === undefined) await answerUpgraded(context, this.flow, client);
    else await relayUpgraded(context, this.flow, client, server);
  }

  private async streamResponse(response: Response, body: IncomingBody): Promise<void> {
    const { client } = this;
    forgetLength(response, body);
    this.hasBegun = true;
    const outgoing = client.sendHead(response);
    await streamBody(response, body, outgoing, this.values.storeStreamedBodies);
    this.check();
    response.timestampEnd = this.now();
    this.isAnswered = true;
    const waiting = this.fire('response');
    if (waiting !== undefined) await waiting;
    await outgoing.end(response.trailers);
  }

  /** Events are of use when they come, not when all of them have come. */
  private streamEvents(response: Response): void {
    if (response.stream !== false || this.values.streamLargeBodies === undefined) return;
    const type = response.headers.get('content-type') ?? '';
    if (/^\s*text\/event-stream\s*(?:;|$)/i.test(type)) response.stream = true;
  }

  /** Calls `error`, unless the flow has its response, and tells the client. */
  private async fail(cause: unknown): Promise<void> {
    const { flow, client } = this;
    const failure = this.failureOf(this.stopped ?? this.sendingFailure ?? cause);
    this.server?.release();
    if (!this.isAnswered) {
      flow.error ??= { message: failure.message, timestamp: this.now() };
      await this.call('error');
    }
    if (failure.status === undefined || this.hasBegun) client.abort();
    else await client.sendWhole(this.pageFor(failure.status, failure.message));
  }

  private failureOf(cause: unknown): ExchangeFailure {
    if (isOwnError(cause)) return new ExchangeFailure(cause.message, 502, { cause });
    const failure = cause instanceof ExchangeFailure ? cause : failureFor('internal error', cause);
    // What is nobody's fault but of code is for whoever runs the proxy.
    if (failure.cause !== undefined && !isOwnError(failure.cause)) this.parts.context.proxy.log.error(failure.message);
    return failure;
  }

  private pageFor(status: number, message: string): Response {
    const { request } = this.flow;
    if (status !== 502) return errorPage(status, [message]);
    return errorPage(status, [`No response from ${formatAddress(request.host, request.port)}.`, message]);
  }

  private limits(): { refuseAbove: number | undefined; streamAbove: number | undefined } {
    const { bodySizeLimit, streamLargeBodies } = this.values;
    return { refuseAbove: bodySizeLimit, streamAbove: streamLargeBodies };
  }

  /** @throws {ExchangeFailure} when the head tells that a body is too large */
  private refuseLarge({ expectedSize = 0 }: IncomingBody, what: string, status: number): void {
    if (expectedSize > (this.values.bodySizeLimit ?? Infinity)) throw this.tooLarge(what, status);
  }

  private tooLarge(what: string, status: number): ExchangeFailure {
    const limit = String(this.values.bodySizeLimit);
    return new ExchangeFailure(`the body of the ${what} is larger than body_size_limit allows: ${limit} bytes`, status);
  }

  private get values(): ClientContext['proxy']['store']['values'] {
    return this.parts.context.proxy.store.values;
  }

  private now(): number {
    return this.parts.context.proxy.clock.now() / 1000;
  }
}

const noLimits = { refuseAbove: undefined, streamAbove: undefined };

/** What a filter makes of a body is as long as it is. */
function forgetLength(message: Message, body: IncomingBody): void {
  if (typeof message.stream === 'function' && !body.isEmpty) message.headers.delete('content-length');
}

/** What is wrong with a request, as its sender is told. */
function clientFailure(error: unknown): unknown {
  return isOwnError(error) ? new ExchangeFailure(error.message, 400, { cause: error }) : error;
}
