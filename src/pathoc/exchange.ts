/**
 * One message sent over a connection, and the answer to it.
 *
 *     sending    |---- plan ----| . . . . . . . . .
 *     receiving  . . |-- 1xx --| . |-- head, body --|
 *
 * Both go on at the same time: a peer may answer before it has everything. The exchange is over when
 * both are, when the peer leaves, or when nothing has moved for as long as the timeout says.
 */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.js';
import { steps } from '../language/index.js';
import type { Message, Plan } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { onAbort } from '../net/on-abort.js';
import { play } from '../net/play.js';
import type { Played } from '../net/play.js';
import { Http1ResponseReader } from '../wire/http1-reader.js';
import type { ResponseEvent } from '../wire/http1-reader.js';
import type { Incoming } from './incoming.js';
import { receivedHead, ResponseBuilder } from './response.js';
import type { ReceivedHead, ReceivedResponse } from './response.js';
import { Stillness } from './stillness.js';
import { Transcript } from './transcript.js';

/** A message sent, and all that it brought. */
export interface Exchange {
  /** The message as it was given. */
  readonly message: Message;
  /** When sending began, in milliseconds since 1970. */
  readonly started: number;
  /** Answers with a code 1xx that came before the final one, in order. */
  readonly informational: readonly ReceivedHead[];
  /** The final answer. */
  readonly response: ReceivedResponse | undefined;
  /** Why there is no answer, or why not all was sent. */
  readonly failure: ProtocolError | 'timeout' | undefined;
  /** Whether the message closed the connection itself, with `d`. */
  readonly disconnected: boolean;
  /** What was sent; kept when it was asked for. */
  readonly written: Transcript | undefined;
  /** What was received; kept when it was asked for. */
  readonly read: Transcript | undefined;
}

/** The connection that exchanges take place on. */
export interface Line {
  readonly socket: Duplex;
  readonly incoming: Incoming;
  readonly clock: Clock;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal;
}

/** How an exchange is held, and what is kept of it. */
export interface ExchangeOptions {
  /** False for a message that has no answer of its own, such as a frame. */
  readonly awaitResponse?: boolean;
  /** Bytes of the body to keep. Default: none. */
  readonly maximumBody?: number;
  readonly keepWritten?: boolean;
  readonly keepRead?: boolean;
}

/**
 * Sends a message and waits for what comes of it. What the peer does is told, not thrown.
 * @throws {RenderError} when a file that is sent has become shorter
 */
export function exchange(line: Line, message: Message, plan: Plan, options: ExchangeOptions = {}): Promise<Exchange> {
  return new Exchanging(line, message, plan, options).run();
}

class Exchanging {
  private readonly over = new AbortController();
  private readonly stillness: Stillness;
  private readonly started: number;
  private readonly informational: ReceivedHead[] = [];
  private readonly written: Transcript | undefined;
  private readonly read: Transcript | undefined;
  private response: ReceivedResponse | undefined;
  private failure: Exchange['failure'];
  private played: Played | undefined;

  constructor(
    private readonly line: Line,
    private readonly message: Message,
    private readonly plan: Plan,
    private readonly options: ExchangeOptions,
  ) {
    this.started = line.clock.now();
    this.stillness = new Stillness(line.clock, line.timeout, this.giveUp);
    if (options.keepWritten === true) this.written = new Transcript();
    if (options.keepRead === true) this.read = new Transcript();
  }

  async run(): Promise<Exchange> {
    const forget = onAbort(this.line.signal, this.stop);
    try {
      const sending = this.send();
      // It is awaited below, and may fail before.
      sending.catch(() => undefined);
      if (this.options.awaitResponse !== false) await this.receive();
      await sending;
    } finally {
      forget();
      this.stillness.stop();
      this.stop();
    }
    return this.outcome();
  }

  private outcome(): Exchange {
    const { message, started, informational, response, written, read } = this;
    const unanswered = this.options.awaitResponse === false && this.played === 'peer-left';
    const failure = this.failure ?? (unanswered ? this.complaint('Server disconnected') : undefined);
    const disconnected = this.played === 'closed-by-plan';
    return { message, started, informational, response, failure, disconnected, written, read };
  }

  private async send(): Promise<void> {
    const { socket, clock } = this.line;
    const observe = (bytes: Buffer): void => {
      this.stillness.touch();
      this.written?.add(bytes);
    };
    // A pause is the message's own doing, so it does not count as stillness.
    this.stillness.hold(this.message.has('pauseat'));
    try {
      this.played = await play(this.plan, socket, clock, this.over.signal, { observe });
    } finally {
      this.stillness.hold(false);
      if (this.played === undefined || this.played === 'closed-by-plan') this.stop();
    }
  }

  private async receive(): Promise<void> {
    const { incoming } = this.line;
    const reader = new Http1ResponseReader();
    reader.requestMethod = methodOf(this.plan);
    const builder = new AnswerBuilder(this.informational, this.options.maximumBody ?? 0);
    let unread: Buffer | undefined;
    try {
      while (this.response === undefined) {
        const event = reader.next();
        if (event !== undefined) {
          this.response = builder.take(event);
          continue;
        }
        this.note(unread);
        unread = await incoming.next(this.over.signal);
        if (this.over.signal.aborted) return;
        this.stillness.touch();
        if (unread === undefined) reader.finish();
        else reader.receive(unread);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.failure = this.complaint(error.message);
      this.note(unread);
      this.stop();
      return;
    }
    const rest = reader.detach();
    this.note(unread?.subarray(0, unread.length - rest.length));
    incoming.unread(rest);
    // The answer is there: a message that pauses on need not be waited for any longer than another.
    this.stillness.hold(false);
  }

  private note(chunk: Buffer | undefined): void {
    if (chunk !== undefined) this.read?.add(chunk);
  }

  private complaint(message: string): ProtocolError {
    return new ProtocolError(message, { cause: this.line.incoming.error });
  }

  private readonly giveUp = (): void => {
    this.failure = 'timeout';
    this.stop();
  };

  private readonly stop = (): void => {
    this.over.abort();
  };
}

/** From the events of a reader to one response. */
class AnswerBuilder {
  private builder: ResponseBuilder | undefined;

  constructor(
    private readonly informational: ReceivedHead[],
    private readonly maximumBody: number,
  ) {}

  /** The response, once it is complete. */
  take(event: ResponseEvent): ReceivedResponse | undefined {
    switch (event.type) {
      case 'informational':
        this.informational.push(receivedHead(event.head));
        return undefined;
      case 'head':
        this.builder = new ResponseBuilder(receivedHead(event.head), this.maximumBody);
        return undefined;
      case 'data':
        this.builder?.add(event.data);
        return undefined;
      case 'trailers':
        if (this.builder !== undefined) this.builder.trailers = event.headers;
        return undefined;
      case 'end':
        return this.builder?.finish(this.informational);
    }
  }
}

/** Longer methods than this make no difference to how an answer is read. */
const longestMethod = 16;

/** The method that a peer sees: what stands before the first space on the wire. */
function methodOf(plan: Plan): string {
  let start = '';
  for (const step of steps(plan)) {
    if (step.do === 'write') start += step.bytes.subarray(0, longestMethod).toString('latin1');
    if (start.includes(' ') || start.length > longestMethod) break;
  }
  return start.split(' ', 1)[0] ?? '';
}
