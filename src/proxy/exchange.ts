/**
 * One exchange: a request of a client, and the response that it gets, with all hooks on the way.
 *
 *     requestheaders -> body -> request -> server -> responseheaders -> body -> response -> client
 *
 * Of a flow exactly one of `response` and `error` is called, whatever happens.
 */
import { ProtocolError } from '../errors.js';
import type { ClientContext } from './context.js';
import { gatherLimits, refuseLarge, tooLarge } from './body-limits.js';
import { failurePage } from './error-page.js';
import { clientFailure, ExchangeFailure, exchangeFailure, StreamFailure } from './exchange-failure.js';
import { aimRequest, destinationOf, plannedConnection } from './exchange-target.js';
import { clientLeft, killed, proxyStopped } from './flow/flow-error.js';
import { HttpFlow } from './flow/http-flow.js';
import { flowName } from './flow-name.js';
import type { FlowHookName } from './hooks/hook-table.js';
import type { ClientStream, IncomingBody, ServerAnswer, ServerStream } from './http-stream.js';
import type { Upstreams } from './http-upstream.js';
import { forgetLength, gatherBody, streamBody } from './message-body.js';
import type { Gathered } from './message-body.js';
import type { Message } from './message/message.js';
import { Response } from './message/response.js';
import { nextTry } from './next-try.js';
import type { Try } from './next-try.js';
import type { Route } from './route.js';
import { withScriptPlaces } from './scripts/script-places.js';
import { StreamedRequest } from './streamed-request.js';
import { answerUpgraded, noteWebSocket, relayUpgraded } from './upgrade.js';

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

class Exchange {
  private readonly flow: HttpFlow;
  private server: ServerStream | undefined;
  /** Why it was stopped from outside: the client left, or the flow was killed. */
  private stopped: ExchangeFailure | undefined;
  private onStop: ((failure: ExchangeFailure) => void) | undefined;
  /** The request, when it is passed on as it arrives. */
  private sending: StreamedRequest | undefined;
  /** The response that the server gave. */
  private received: Response | undefined;
  /** Whether the client waits for 100 (Continue) from the server. */
  private awaitsContinue: boolean;
  /** Whether `response` was called. */
  private isAnswered = false;
  /** Whether the client got a part of a response that is no 1xx. */
  private hasBegun = false;
  /** Whether it gets the response as it arrives. */
  private isPassedOn = false;

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
      this.noteEnd();
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
      flow.live = flow.needsResponse = false;
      // What is over cannot be held any more.
      flow.resume();
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
    if (this.client.fault !== undefined) throw clientFailure(this.client.fault);
    const reading = this.readRequest();
    const gathered = reading instanceof Promise ? await reading : reading;
    if (gathered === 'whole') {
      waiting = this.fire('request');
      if (waiting !== undefined) await waiting;
    }
    if (flow.response !== undefined) {
      this.forgetPart(flow.request);
      await this.answer(flow.response);
    } else await this.forward(gathered === 'whole');
    if (this.sending !== undefined) await this.sending.settle();
  }

  /** Calls a hook. @throws {ExchangeFailure} when the exchange was stopped meanwhile */
  private fire(hook: ExchangeHook): void | Promise<void> {
    const waiting = this.parts.context.proxy.hooks.fireFlow(hook, this.flow);
    if (waiting !== undefined) return waiting.then(() => this.checkStopped());
    this.checkStopped();
    return undefined;
  }

  private checkStopped(): void {
    this.noteEnd();
    if (this.stopped !== undefined) throw this.stopped;
  }

  /** Whoever seems to have left when the proxy ends was left by it. */
  private noteEnd(): void {
    if (!this.parts.context.proxy.signal.aborted) return;
    this.stop(new ExchangeFailure(proxyStopped, undefined));
    // Nobody comes to let the flow go.
    this.flow.resume();
  }

  private readRequest(): Gathered | Promise<Gathered> {
    const { client, flow } = this;
    const { request } = flow;
    const { body } = client;
    if (body.isEmpty) return this.requestRead(gatherBody(request, body, noLimits) as 'whole');
    if (flow.response !== undefined && client.expectsContinue) return 'whole';
    // Before the client is told to send it (RFC 9110, section 10.1.1).
    refuseLarge(body, 'request', this.values);
    if (request.stream !== false && flow.response === undefined) return 'large';
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
      gathered = await gatherBody(request, body, gatherLimits(request, this.values));
    } catch (error) {
      throw this.stopped ?? clientFailure(error);
    }
    if (gathered === 'refused') throw tooLarge('request', this.values);
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
    this.received = response;
    // Otherwise the server would take the client's connection for itself.
    if (response.statusCode === 101 && !flow.request.headers.has('upgrade')) {
      throw new ProtocolError('the server changed the protocol, which the request did not ask for');
    }
    flow.response = response;
    flow.needsResponse = true;
    const waiting = this.fire('responseheaders');
    if (waiting !== undefined) await waiting;
    const wanted = flow.response ?? response;
    if (wanted !== response) {
      // An addon gave another response: that of the server is not wanted.
      await this.answer(wanted);
      return;
    }
    flow.response = response;
    this.streamEvents(response);
    if (response.stream === false) {
      const gathering = gatherBody(response, body, gatherLimits(response, this.values));
      const gathered = gathering instanceof Promise ? await gathering : gathering;
      if (gathered === 'refused') throw tooLarge('response', this.values);
      if (gathered === 'whole') {
        response.timestampEnd = this.now();
        await this.answer(response);
        return;
      }
      response.stream = true;
    } else refuseLarge(body, 'response', this.values);
    await this.streamResponse(response, body);
  }

  /** Sends the whole request, and once more when it failed and that does no harm. */
  private async ask(): Promise<ServerAnswer> {
    const { request } = this.flow;
    const mayHttp2 = this.values.http2;
    let how: Try = { fresh: false, http2: false };
    let failure: unknown;
    for (;;) {
      const opening = this.open(how);
      const server = opening instanceof Promise ? await opening : opening;
      // The server speaks no HTTP/2 either: what failed was all that it speaks.
      if (how.http2 && server.connection.alpn !== 'h2') throw failure;
      void server.sendWhole(request);
      try {
        return await server.receive(this.inform);
      } catch (error) {
        const next = nextTry({ ...how, method: request.method, server, error, mayHttp2 });
        if (next === undefined || this.stopped !== undefined) throw error;
        how = next;
        failure = error;
        server.release();
      }
    }
  }

  /** Passes the request on as it arrives. */
  private async askWhileReading(): Promise<ServerAnswer> {
    const opening = this.open({ fresh: false, http2: false });
    const server = opening instanceof Promise ? await opening : opening;
    const { request } = this.flow;
    this.sending = new StreamedRequest({
      ...{ request, body: this.client.body, server, clock: this.parts.context.proxy.clock },
      keeps: this.values.storeStreamedBodies,
      onPassed: () => {
        request.timestampEnd = this.now();
        return this.fire('request');
      },
    });
    return server.receive(this.inform);
  }

  private open({ fresh, http2 }: Try): ServerStream | Promise<ServerStream> {
    const { parts, flow } = this;
    const destination = destinationOf(flow, parts.route);
    const opening = parts.upstreams.open(http2 ? { ...destination, http2 } : destination, undefined, fresh);
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
    this.isAnswered = this.flow.needsResponse = true;
    if (response.statusCode === 101 && server !== undefined) noteWebSocket(this.parts.context, this.flow, client);
    const waiting = this.fire('response');
    if (waiting !== undefined) await waiting;
    // The hook may have put another one in its place.
    const final = (this.flow.response ??= response);
    // It throws before it sends anything, or not at all.
    const sent = client.sendWhole(final);
    this.hasBegun = true;
    if (sent !== undefined) await sent;
    if (final.statusCode !== 101) return;
    const { context } = this.parts;
    if (server === undefined) await answerUpgraded(context, this.flow, client);
    else await relayUpgraded(context, this.flow, client, server);
  }

  private async streamResponse(response: Response, body: IncomingBody): Promise<void> {
    const { client } = this;
    forgetLength(response, body);
    const outgoing = client.sendHead(response);
    this.hasBegun = this.isPassedOn = true;
    const isWhole = await streamBody(response, body, outgoing, this.values.storeStreamedBodies);
    this.checkStopped();
    if (!isWhole) throw new ExchangeFailure(clientLeft, undefined);
    response.timestampEnd = this.now();
    this.isAnswered = true;
    const waiting = this.fire('response');
    if (waiting !== undefined) await waiting;
    await outgoing.end(response.trailers);
  }

  /** Events are of use when they come, not when all of them have come. */
  private streamEvents(response: Response): void {
    if (response.stream !== false || response.isReadWhole || this.values.streamLargeBodies === undefined) return;
    const type = response.headers.get('content-type') ?? '';
    if (/^\s*text\/event-stream\s*(?:;|$)/i.test(type)) response.stream = true;
  }

  /** Calls `error`, unless the flow has its response, and tells the client. */
  private async fail(cause: unknown): Promise<void> {
    const { flow, client } = this;
    this.noteEnd();
    const failure = exchangeFailure(this.stopped ?? this.sending?.failure ?? cause);
    // That is for whoever runs the proxy.
    if (failure.isOfCode) this.parts.context.proxy.log.error(this.blame(failure));
    this.server?.release();
    this.forgetPart(flow.request);
    if (this.received !== undefined) this.forgetPart(this.received);
    if (!this.isAnswered) {
      flow.error ??= { message: failure.message, timestamp: this.now() };
      await this.parts.context.proxy.hooks.fireFlow('error', flow);
    } else if (failure.isOfCode || (failure.status !== undefined && !this.hasBegun))
      flow.error ??= { message: failure.message, timestamp: this.now() };
    if (this.wasCut(failure)) await client.cut(this.parts.context.proxy.clock);
    else if (failure.status === undefined || this.hasBegun) client.abort();
    else {
      const hasHead = this.isAnswered || this.received !== undefined;
      await client.sendWhole(failurePage(failure.status, failure.message, flow.request, hasHead));
    }
  }

  /** Whether it was the server that broke its response off: the client gets what came of it. */
  private wasCut(failure: ExchangeFailure): boolean {
    const isOurs = failure.status === undefined || failure.isOfCode || this.stopped !== undefined;
    return this.isPassedOn && !isOurs && this.sending?.failure === undefined;
  }

  /** What the log says of a failure of code: whose it is, as far as that is known. */
  private blame(failure: ExchangeFailure): string {
    if (!(failure instanceof StreamFailure)) return failure.message;
    const { hooks } = this.parts.context.proxy;
    return hooks.streamFailure(failure.filter, flowName(this.flow), withScriptPlaces(failure.cause).error).message;
  }

  /** Keeps no body of which only a part arrived. */
  private forgetPart(message: Message): void {
    if (message.timestampEnd === undefined) message.rawContent = undefined;
  }

  private get values(): ClientContext['proxy']['store']['values'] {
    return this.parts.context.proxy.store.values;
  }

  private now(): number {
    return this.parts.context.proxy.clock.now() / 1000;
  }
}

const noLimits = { refuseAbove: undefined, streamAbove: undefined };
