/** One HTTP/2 connection of the crafting client. */
import type { Duplex } from 'node:stream';
import { ConnectionError, ProtocolError, TimeoutError } from '../errors.js';
import { StreamIds } from '../language/index.js';
import type { Files, Http2Message, Random, Settings } from '../language/index.js';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { Stillness } from '../net/stillness.js';
import type { Exchange, ExchangeOptions } from './exchange.js';
import type { BodyBudget } from './http2-answer-builder.js';
import type { Http2Arrived } from './http2-arrivals.js';
import { sendHttp2Frames } from './http2-frame-sender.js';
import { Http2Line } from './http2-line.js';
import type { Http2LineOptions } from './http2-line.js';
import { exchangeHttp2 } from './http2-request-exchange.js';
import type { Http2Outcome } from './http2-request-exchange.js';
import { requestSettings } from './request-settings.js';
import type { Transcript } from './transcript.js';

/** How an {@link Http2Client} behaves. */
export interface Http2ClientOptions extends Http2LineOptions {
  /** What `:authority` tells, together with `port`; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What `:scheme` tells. */
  readonly scheme: 'http' | 'https';
  /** Seconds after which to give up when nothing moves. Default: never. */
  readonly timeout?: number | undefined;
  /** Where file values come from. */
  readonly files: Files;
  /** Bytes to keep of the bodies that come in answer to raw frames, together until {@link Http2Client.answers}. Default: none. */
  readonly maximumBody?: number | undefined;
}

/** A message sent over HTTP/2, and all that it brought. */
export interface Http2Exchange extends Exchange {
  readonly arrived: Http2Arrived;
}

/** Seconds in which a server may say something to raw frames that ask for no answer, when nobody set a time. */
const unowedPatience = 2;

/** A client that sends well-formed requests and raw frames, one message after the other. */
export class Http2Client {
  private readonly line: Http2Line;
  private readonly streams = new StreamIds(undefined, 1);
  private readonly over = new AbortController();
  private readonly rawBudget: BodyBudget;
  private hasSentRaw = false;
  private isClosing = false;

  /** @param duplex a connection on which nothing was sent so far; over TLS, one whose ALPN chose `h2` */
  constructor(
    private readonly duplex: Duplex,
    private readonly options: Http2ClientOptions,
  ) {
    this.rawBudget = { left: options.maximumBody ?? 0 };
    this.line = new Http2Line(duplex, { ...options, signal: this.over.signal });
    const forget = onAbort(options.signal, () => {
      this.destroy();
    });
    duplex.once('close', forget);
  }

  /** Whether nothing more can come from the server, or nothing can be sent to it. */
  get ended(): boolean {
    return this.line.isOver || this.line.writer.ended !== undefined;
  }

  /** Whether raw frames were sent whose answers nobody has waited for: see {@link answers}. */
  get mayBeAnswered(): boolean {
    return this.line.owed.isWaitedFor;
  }

  /**
   * Sends one message and tells all that came of it. A request is waited for until it is answered, unless
   * `awaitResponse` is false: then it goes out as raw frames do, past all windows, and as their answers its
   * response comes by {@link answers}. What the server does, or does not do, is told and not thrown.
   * One message at a time.
   * @throws {FileAccessDenied | RenderError} when the message cannot be turned into bytes
   * @throws {ConnectionError} when the connection was closed from this side
   */
  async exchange(
    message: Http2Message,
    options: ExchangeOptions & { readonly random: Random },
  ): Promise<Http2Exchange> {
    this.checkOpen();
    const { line } = this;
    line.written.want(options.keepWritten === true);
    line.read.want(options.keepRead === true);
    const started = this.options.clock.now();
    const outcome = await this.outcomeOf(message, options);
    if (line.thrown !== undefined) throw line.thrown.error;
    if (!outcome.disconnected) this.checkOpen();
    const arrived = line.arrivals.take();
    return { message, started, ...outcome, arrived, written: line.written.take(), read: line.read.take() };
  }

  /**
   * What comes in answer to raw frames. It ends when the server has answered and owes nothing more: a response
   * on each stream that raw frames have opened and ended, an answer to PING, an acknowledgement of SETTINGS. It
   * ends as well when the server closes, and when nothing moves for as long as the timeout says.
   * @param onlyResponses whether to wait for nothing but responses: something is sent behind them
   * @throws {TimeoutError} when nothing moved in time, and something is owed
   * @throws {ProtocolError} when the server broke the rules, or left and owed a response
   */
  async *answers(onlyResponses = false): AsyncGenerator<Http2Arrived, void, undefined> {
    const { line } = this;
    const { owed, arrivals } = line;
    let isStill = false;
    const patience = this.options.timeout ?? (owed.any ? undefined : unowedPatience);
    const stillness = this.watch(() => {
      isStill = true;
      line.wake();
    }, patience);
    try {
      while (owed.isWaitedFor) {
        const isSettled = onlyResponses ? !owed.response : owed.isSettled;
        if (!arrivals.isEmpty) yield arrivals.take();
        else if (isSettled) break;
        else if (isStill || line.isOver) return this.endAnswers(isStill);
        else await line.event();
      }
    } finally {
      stillness.stop();
      line.moved = undefined;
      if (!onlyResponses) owed.forget();
    }
  }

  /** The bytes received since they were last asked for; undefined when they were not to be kept. */
  takeRead(): Transcript | undefined {
    return this.line.read.take();
  }

  /**
   * Closes the connection so that the server gets all that was sent. GOAWAY comes first, unless raw frames were
   * sent: who knows what it would be taken for behind those. Never rejects.
   */
  async close(): Promise<void> {
    const { line } = this;
    this.isClosing = true;
    if (!line.isOver && !this.hasSentRaw && line.writer.ended === undefined) {
      line.connection.sendGoaway();
      line.writer.flush();
    }
    line.writer.stop('aborted');
    await hangUp(this.duplex, this.options.clock, this.over.signal);
    line.wake();
  }

  /** Closes the connection at once, and ends whatever waits for it. */
  destroy(): void {
    this.isClosing = true;
    this.over.abort();
    this.duplex.destroy();
    this.line.wake();
  }

  private async outcomeOf(
    message: Http2Message,
    { random, maximumBody = 0, awaitResponse = true }: ExchangeOptions & { readonly random: Random },
  ): Promise<Http2Outcome> {
    const { line, streams } = this;
    const settings = this.settingsFor(random);
    if (line.writer.ended !== undefined && !line.ended && line.failure === undefined) {
      return withoutAnswer(new ProtocolError('nothing can be sent, as our side of the connection is closed'));
    }
    if (message.kind === 'http2-frame') return this.sendFrames(message, settings);
    if (message.kind !== 'http2-request') throw new TypeError('a client sends no responses');
    if (!awaitResponse) return this.sendFrames(message, { ...settings, streamId: this.streams.open() });
    line.writer.hold(false);
    const { clock, timeout } = this.options;
    const outcome = await exchangeHttp2({ line, streams, clock, timeout, maximumBody }, message, settings);
    if (outcome.response !== undefined) line.owed.reached();
    return outcome;
  }

  private async sendFrames(message: Http2Message, settings: Settings): Promise<Http2Outcome> {
    const { line } = this;
    const plan = message.plan(settings);
    this.hasSentRaw = true;
    if (!line.owed.isWaitedFor) this.rawBudget.left = this.options.maximumBody ?? 0;
    let isStill = false;
    const stillness = this.watch(() => {
      isStill = true;
      line.stop();
    });
    // A pause is the message's own doing, so it does not count as stillness.
    stillness.hold(message.has('pauseat') || message.has('rateat'));
    try {
      const played = await sendHttp2Frames(line, plan, this.rawBudget);
      line.writer.hold(line.owed.blockIsOpen);
      // A server that closes says why: that is lost when writing fails before it was read.
      await new Promise((resolve) => setImmediate(resolve));
      this.streams.sent(message);
      if (played === 'closed-by-plan') return { ...withoutAnswer(undefined), disconnected: true };
      if (played === 'done' || played === 'half-closed') return withoutAnswer(undefined);
      return withoutAnswer(isStill ? 'timeout' : (line.failure ?? line.disconnection()));
    } finally {
      stillness.stop();
      line.moved = undefined;
    }
  }

  /** Waiting for answers has come to its end before they came. */
  private endAnswers(isStill: boolean): void {
    const { line } = this;
    if (line.failure !== undefined) throw line.failure;
    if (line.thrown !== undefined) throw line.thrown.error;
    if (this.isClosing) return;
    // GOAWAY is an answer.
    if (line.ended && line.owed.response && !line.isGoingAway) throw line.disconnection();
    if (isStill && line.owed.any) throw this.timeoutError();
  }

  private watch(onStill: () => void, timeout = this.options.timeout): Stillness {
    const stillness = new Stillness(this.options.clock, timeout, onStill);
    this.line.moved = () => {
      stillness.touch();
    };
    return stillness;
  }

  private settingsFor(random: Random): Settings {
    const { host, port, scheme, files } = this.options;
    const settings = requestSettings(host, files, random);
    return { ...settings, requestPort: port, requestScheme: scheme, ...this.streams.settings() };
  }

  private get address(): string {
    return formatAddress(this.options.host, this.options.port);
  }

  private checkOpen(): void {
    if (!this.isClosing) return;
    const cause: unknown = this.options.signal.reason;
    throw new ConnectionError(`the connection to ${this.address} is closed`, 'write', this.address, { cause });
  }

  private timeoutError(): TimeoutError {
    return new TimeoutError(`nothing came from ${this.address} within ${String(this.options.timeout)} s`);
  }
}

function withoutAnswer(failure: Http2Outcome['failure']): Http2Outcome {
  return { response: undefined, informational: [], failure, disconnected: false, unsent: false };
}
