/** One connection of the crafting client, for use from code. */
import type { Socket } from 'node:net';
import { ConnectionError, ProtocolError, TimeoutError } from '../errors.js';
import { encodeEscapes } from '../language/escapes.js';
import { parseRequests, Random } from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import { systemClock } from '../net/clock.js';
import type { Clock } from '../net/clock.js';
import { dial } from '../net/dial.js';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { staticFiles } from '../net/static-files.js';
import { Stillness } from '../net/stillness.js';
import { FrameReader } from '../wire/websocket-frames.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import { checkConnectOptions } from './connect-options.js';
import type { ConnectOptions } from './connect-options.js';
import { exchange } from './exchange.js';
import type { Exchange, ExchangeOptions, Line } from './exchange.js';
import { Incoming } from './incoming.js';
import { defaultPort } from './options.js';
import { requestSettings } from './request-settings.js';
import type { ReceivedResponse } from './response.js';
import { Turns } from './turns.js';

/** How sending went: all of it, or up to the `d` that closed the connection. */
export type Sent = 'sent' | 'disconnected';

const defaultMaximumBody = 16 * 1024 * 1024;

/**
 * A client that sends exactly what it is told. Requests are sent one after the other; one that is
 * made while another is under way waits for it.
 */
export class Pathoc implements AsyncDisposable {
  /** Where chance begins. */
  readonly random: Random;
  private readonly address: string;
  private readonly files: Files;
  private readonly clock: Clock;
  private readonly over = new AbortController();
  private readonly line: Line;
  private readonly frameReader = new FrameReader();
  private waitForFrame: Stillness | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private sent = 0;
  private closing = false;
  /** Whether all that was sent has been answered, so that closing loses nothing. */
  private isQuiet = true;

  private constructor(
    private readonly socket: Socket,
    private readonly options: ConnectOptions,
  ) {
    this.address = formatAddress(options.host, options.port ?? defaultPort);
    this.random = options.seed === undefined ? Random.fromChance() : Random.fromSeed(options.seed);
    this.files = options.files ?? staticFiles(undefined, { unconstrained: true });
    this.clock = options.clock ?? systemClock;
    const incoming = new Incoming(socket);
    this.line = { socket, incoming, clock: this.clock, timeout: options.timeout, signal: this.over.signal };
    const forget = onAbort(options.signal, () => {
      this.destroy();
    });
    socket.once('close', forget);
  }

  /**
   * Connects, through a proxy when it is told to.
   * @throws {ConnectionError} when there is no connection; its cause holds Node's error
   * @throws {OptionError} when an option is not known, or has a value that it does not take
   * @throws {TypeError} when there is no host
   */
  static async connect(options: ConnectOptions): Promise<Pathoc> {
    const { port, timeout, connectTo } = checkConnectOptions(options);
    const { host, signal, clock } = options;
    const ms = timeout === undefined ? undefined : timeout * 1000;
    const client = new Pathoc(await dial({ host, port, timeout: ms, signal, clock }), options);
    if (connectTo !== undefined) await client.connectThrough(connectTo.host, connectTo.port);
    return client;
  }

  /**
   * Has the peer, a proxy, connect on with an HTTP CONNECT; all that follows goes there.
   * @throws {ConnectionError} when it does not; the connection is closed then
   */
  async connectThrough(host: string, port: number): Promise<void> {
    const target = encodeEscapes(Buffer.from(formatAddress(host, port), 'latin1'));
    const [message] = parseRequests(`'CONNECT':'${target}':h'Host'='${target}':r`);
    if (message === undefined) throw new TypeError('a CONNECT request is one message');
    const { response, failure } = await this.exchange(message);
    if (response !== undefined && response.code >= 200 && response.code < 300) return;
    this.destroy();
    const reason = failure === 'timeout' ? 'Timeout' : failure?.message;
    const answer = response === undefined ? 'given up' : `${response.codeText} ${response.reason}`.trimEnd();
    throw new ConnectionError(`Proxy CONNECT failed: ${reason ?? answer}`, 'connect', this.address);
  }

  /**
   * Sends one request and waits for its answer. When it throws, the connection is closed. It is
   * closed as well when the peer has answered and then takes nothing of the request for 5 seconds.
   * @param spec a spec of one request, or the message itself
   * @throws {SpecError} when the spec is not valid
   * @throws {FileAccessDenied | RenderError} when it cannot be turned into bytes
   * @throws {ProtocolError} when the answer cannot be read, is cut short, or does not come
   * @throws {TimeoutError} when nothing moves
   * @throws {ConnectionError} when the connection is closed, by the request's own `d` for one: see {@link send}
   */
  async request(spec: string | Message): Promise<ReceivedResponse> {
    const [message, more] = this.parse(spec);
    if (message === undefined || more !== undefined || message.kind !== 'request') {
      throw new TypeError('the spec of request() stands for one request; send() takes any');
    }
    const { maximumBody = defaultMaximumBody } = this.options;
    const outcome = await this.exchange(message, { maximumBody });
    if (outcome.response !== undefined && outcome.failure === undefined) return outcome.response;
    this.destroy();
    throw this.errorOf(outcome);
  }

  /**
   * Sends any messages, frames or requests, and waits for no answer.
   * @throws as {@link request}
   */
  async send(spec: string | Message): Promise<Sent> {
    for (const message of this.parse(spec)) {
      const outcome = await this.exchange(message, { awaitResponse: false });
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
      const plan = message.plan(requestSettings(this.options.host, this.files, random));
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
    return this.line.incoming.ended;
  }

  /** Closes the connection so that the peer gets all that was sent. Never rejects. */
  async close(): Promise<void> {
    this.closing = true;
    this.line.incoming.drop();
    if (this.isQuiet) this.socket.destroy();
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
    return typeof spec === 'string' ? parseRequests(spec, { files: this.files }) : [spec];
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
      const chunk = await this.line.incoming.next(over.signal);
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
