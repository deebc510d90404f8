/** One connection of the crafting client, for use from code. */
import type { Duplex } from 'node:stream';
import { ConnectionError, ProtocolError, TimeoutError } from '../errors.js';
import {
  Http2FrameMessage,
  Http2RequestMessage,
  parseHttp2Requests,
  parseRequests,
  Random,
} from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import { systemClock } from '../net/clock.js';
import type { Clock } from '../net/clock.js';
import { dialChain } from '../net/dial-chain.js';
import type { DialledChain } from '../net/dial-chain.js';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import type { PeerTls } from '../net/peer-tls.js';
import { staticFiles } from '../net/static-files.js';
import { Stillness } from '../net/stillness.js';
import { FrameReader } from '../wire/websocket-frames.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import { checkHttp2 } from './check-http2.js';
import { checkConnectOptions } from './connect-options.js';
import type { ConnectOptions, SendOptions } from './connect-options.js';
import { exchange } from './exchange.js';
import type { Exchange, ExchangeOptions, Line } from './exchange.js';
import { Http2Arrivals } from './http2-arrivals.js';
import type { Http2Arrival, Http2Arrived } from './http2-arrivals.js';
import { Http2Client } from './http2-client.js';
import { Incoming } from './incoming.js';
import { requestSettings } from './request-settings.js';
import type { ReceivedResponse } from './response.js';
import { routeOf } from './route.js';
import type { Route, RouteValues } from './route.js';
import { Turns } from './turns.js';

/** How sending went: all of it, or up to the `d` that closed the connection. */
export type Sent = 'sent' | 'disconnected';

const defaultMaximumBody = 16 * 1024 * 1024;

/** What a route says, and whether HTTP/2 is spoken on it. */
type Way = Pick<Route, 'host' | 'port' | 'connectTo'> &
  Partial<Pick<RouteValues, 'http2' | 'h2c' | 'http2SkipConnectionPreface'>>;

/**
 * A client that sends exactly what it is told. Requests are sent one after the other; one that is
 * made while another is under way waits for it.
 */
export class Pathoc implements AsyncDisposable {
  /** Where chance begins. */
  readonly random: Random;
  /** What TLS came to; undefined without it. */
  readonly tls: PeerTls | undefined;
  private readonly address: string;
  private readonly files: Files;
  private readonly clock: Clock;
  private readonly over = new AbortController();
  /** HTTP/1, or HTTP/2. */
  private readonly line: Line | undefined;
  private readonly http2: Http2Client | undefined;
  private readonly arrivals = new Http2Arrivals();
  private readonly frameReader = new FrameReader();
  private waitForFrame: Stillness | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private sent = 0;
  private closing = false;
  /** Whether all that was sent has been answered, so that closing loses nothing. */
  private isQuiet = true;

  private readonly socket: Duplex;
  private readonly host: string;

  private constructor(
    { duplex, tls }: DialledChain,
    way: Way,
    private readonly options: SendOptions,
  ) {
    this.socket = duplex;
    this.tls = tls;
    this.host = way.host;
    this.address = formatAddress(way.host, way.port);
    this.random = options.seed === undefined ? Random.fromChance() : Random.fromSeed(options.seed);
    this.files = options.files ?? staticFiles(undefined, { unconstrained: true });
    this.clock = options.clock ?? systemClock;
    const ports = { clock: this.clock, timeout: options.timeout, signal: this.over.signal };
    if (way.http2 === true || way.h2c === true) this.http2 = this.http2Client(way, ports);
    else this.line = { socket: duplex, incoming: new Incoming(duplex), ...ports };
    const forget = onAbort(options.signal, () => {
      this.destroy();
    });
    duplex.once('close', forget);
  }

  /**
   * Connects, through proxies and over TLS when it is told to.
   * @throws {ConnectionError} when there is no connection; its cause holds Node's error
   * @throws {OptionError} when an option is not known, has a value that it does not take, or names a file that
   * cannot be used
   * @throws {TypeError} when there is no host
   */
  static async connect(options: ConnectOptions): Promise<Pathoc> {
    const values = checkConnectOptions(options);
    const route = await routeOf(options.host, values);
    const { signal, clock } = options;
    const dialled = await dialChain({ ...route, signal, clock });
    if (values.http2) checkHttp2(dialled, route);
    return Pathoc.over(dialled, { ...values, ...route }, options);
  }

  /**
   * A client of a connection that was made before.
   * @internal
   */
  static over(dialled: DialledChain, way: Way, options: SendOptions): Pathoc {
    return new Pathoc(dialled, way, options);
  }

  /**
   * Sends one request and waits for its answer. When it throws, the connection is closed. It is
   * closed as well when the peer has answered and then takes nothing of the request for 5 seconds; over HTTP/2 its
   * stream alone is.
   * @param spec a spec of one request, or the message itself
   * @throws {SpecError} when the spec is not valid
   * @throws {FileAccessDenied | RenderError} when it cannot be turned into bytes
   * @throws {ProtocolError} when the answer cannot be read, is cut short, or does not come
   * @throws {TimeoutError} when nothing moves
   * @throws {ConnectionError} when the connection is closed, by the request's own `d` for one: see {@link send}
   */
  async request(spec: string | Message): Promise<ReceivedResponse> {
    const [message, more] = this.parse(spec);
    if (message === undefined || more !== undefined || !isRequest(message)) {
      throw new TypeError('the spec of request() stands for one request; send() takes any');
    }
    const { maximumBody = defaultMaximumBody } = this.options;
    const outcome = await this.exchange(message, { maximumBody });
    this.keep(outcome.arrived);
    if (outcome.response !== undefined && outcome.failure === undefined) return outcome.response;
    this.destroy();
    throw this.errorOf(outcome);
  }

  /**
   * Sends any messages, frames or requests, and waits for no answer. Over HTTP/2 requests are answered before it
   * resolves; what answers raw frames is given by {@link answers}.
   * @throws as {@link request}
   */
  async send(spec: string | Message): Promise<Sent> {
    for (const message of this.parse(spec)) {
      const outcome = await this.exchange(message, { awaitResponse: false });
      this.keep(outcome.arrived);
      if (outcome.failure !== undefined) {
        this.destroy();
        throw this.errorOf(outcome);
      }
      if (outcome.disconnected) return 'disconnected';
    }
    return 'sent';
  }

  /**
   * The WebSocket frames that come in, from behind the answer to a `ws` request on, or from the
   * first byte when there was none. Ends when the peer does; may be called again to go on. Frames that
   * nobody asks for wait, and the peer with them.
   * @param signal ends it early
   * @throws {TimeoutError} when no byte came for as long as the timeout says, and none was sent
   * @throws {ProtocolError} when a frame is cut short or longer than 64 MiB
   */
  async *frames(signal?: AbortSignal): AsyncGenerator<ReceivedFrame, void, undefined> {
    const turns = new Turns();
    for (;;) {
      const frame = this.frameReader.next();
      if (frame !== undefined) {
        yield frame;
        await turns.next();
        continue;
      }
      const chunk = await this.nextChunk(signal);
      if (chunk === undefined) break;
      this.frameReader.receive(chunk);
    }
    const { waiting } = this.frameReader;
    if (waiting > 0 && signal?.aborted !== true && !this.closing) {
      throw new ProtocolError(`Server disconnected after ${String(waiting)} bytes of a frame`);
    }
  }

  /**
   * What came in over HTTP/2 besides the answers to requests: responses to raw frames, and frames that say
   * something. Ends when the server owes nothing more for the raw frames that were sent, when it closes, and when
   * nothing moves for as long as the timeout says.
   * @throws {TimeoutError} when nothing moved in time, and something is owed
   * @throws {ProtocolError} when the server broke the rules, or left and owed a response
   */
  async *answers(): AsyncGenerator<Http2Arrival, void, undefined> {
    if (this.http2 === undefined) throw new TypeError('answers() are those of raw frames, which HTTP/1 does not have');
    yield* this.arrivals.take().list;
    for await (const { list } of this.http2.answers()) yield* list;
  }

  /**
   * Sends one message and tells all that came of it: what {@link request} and {@link send} are made of.
   * What the peer does, or does not do, is told and not thrown; the connection is left as it is.
   * @param random where chance comes from. Default: a source of its own for each message
   * @throws {FileAccessDenied | RenderError} when the message cannot be turned into bytes
   * @throws {ConnectionError} when the connection was closed from this side
   */
  exchange(message: Message, options: ExchangeOptions & { readonly random?: Random } = {}): Promise<Exchange> {
    const random = options.random ?? this.random.fork(this.sent++);
    const run = this.turn.then(async () => {
      this.checkOpen();
      if (this.line === undefined) return this.exchangeHttp2(message, { ...options, random });
      const plan = message.plan(requestSettings(this.host, this.files, random));
      this.isQuiet = false;
      const outcome = await this.watched(exchange(this.line, message, plan, options));
      this.isQuiet = outcome.response !== undefined && outcome.failure === undefined && outcome.response.code !== 101;
      if (outcome.disconnected) this.line.incoming.drop();
      else if (outcome.unsent) this.destroy();
      else this.checkOpen();
      return outcome;
    });
    this.turn = run.catch(() => undefined);
    return run;
  }

  /** Whether nothing more can come from the peer, and all that came was read. */
  get ended(): boolean {
    return this.line?.incoming.ended ?? this.http2?.ended ?? true;
  }

  /** Closes the connection so that the peer gets all that was sent. Never rejects. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.http2 !== undefined) return this.http2.close();
    this.line?.incoming.drop();
    if (this.isQuiet && this.tls === undefined) this.socket.destroy();
    await hangUp(this.socket, this.clock, this.over.signal);
  }

  /** Closes the connection at once, and ends whatever waits for it. */
  destroy(): void {
    this.closing = true;
    this.over.abort();
    this.socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private parse(spec: string | Message): readonly Message[] {
    if (typeof spec !== 'string') return [spec];
    const { files } = this;
    return this.http2 === undefined ? parseRequests(spec, { files }) : parseHttp2Requests(spec, { files });
  }

  private http2Client(
    way: Way,
    ports: { clock: Clock; timeout: number | undefined; signal: AbortSignal },
  ): Http2Client {
    const { host, port } = way.connectTo ?? way;
    return new Http2Client(this.socket, {
      ...ports,
      ...{ host, port, scheme: way.http2 === true ? 'https' : 'http' },
      files: this.files,
      skipConnectionPreface: way.http2SkipConnectionPreface,
      maximumBody: this.options.maximumBody ?? defaultMaximumBody,
    });
  }

  private exchangeHttp2(message: Message, options: ExchangeOptions & { readonly random: Random }): Promise<Exchange> {
    const isFit = message instanceof Http2RequestMessage || message instanceof Http2FrameMessage;
    if (this.http2 === undefined || !isFit)
      throw new TypeError(`no message of kind ${message.kind} is sent over HTTP/2`);
    return this.http2.exchange(message, options);
  }

  /** Keeps what came in for {@link answers}, within bounds. */
  private keep(arrived: Http2Arrived | undefined): void {
    for (const arrival of arrived?.list ?? []) this.arrivals.add(arrival);
  }

  private checkOpen(): void {
    if (!this.closing) return;
    const cause: unknown = this.options.signal?.reason;
    throw new ConnectionError(`the connection to ${this.address} is closed`, 'write', this.address, { cause });
  }

  /** While something is sent, frames need not come. */
  private async watched<T>(sending: Promise<T>): Promise<T> {
    this.waitForFrame?.hold(true);
    try {
      return await sending;
    } finally {
      this.waitForFrame?.hold(false);
    }
  }

  private async nextChunk(signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    const { line } = this;
    if (line === undefined) throw new TypeError('no WebSocket frames come over HTTP/2');
    const over = new AbortController();
    const stop = (): void => {
      over.abort();
    };
    const forgets = [onAbort(signal, stop), onAbort(this.over.signal, stop)];
    let isStill = false;
    this.waitForFrame = new Stillness(this.clock, this.options.timeout, () => {
      isStill = true;
      stop();
    });
    try {
      const chunk = await line.incoming.next(over.signal);
      if (isStill) throw this.timeoutError();
      return chunk;
    } finally {
      this.waitForFrame.stop();
      this.waitForFrame = undefined;
      for (const forget of forgets) forget();
    }
  }

  private errorOf({ failure, disconnected }: Exchange): Error {
    if (failure === 'timeout') return this.timeoutError();
    if (failure !== undefined) return failure;
    const reason = disconnected ? 'the message closed the connection itself' : 'there is no answer';
    return new ConnectionError(reason, 'write', this.address);
  }

  private timeoutError(): TimeoutError {
    return new TimeoutError(`nothing came from ${this.address} within ${String(this.options.timeout)} s`);
  }
}

function isRequest({ kind }: Message): boolean {
  return kind === 'request' || kind === 'http2-request';
}
