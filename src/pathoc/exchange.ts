/**
 * One message sent over a connection, and the answer to it.
 *
 *     sending    |---- plan ----| . . . . . . . . .
 *     receiving  . . |-- 1xx --| . |-- head, body --|
 *
 * Both go on at the same time: a peer may answer before it has everything. The exchange is over when
 * both are, when the peer leaves, when nothing has moved for as long as the timeout says, or when a
 * peer that has answered takes no more of the message for {@link patience}.
 */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.js';
import { steps } from '../language/index.js';
import type { Message, Plan } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { onAbort } from '../net/on-abort.js';
import { play } from '../net/play.js';
import type { Played } from '../net/play.js';
import { Stillness } from '../net/stillness.js';
import { tlsAlertOf } from '../net/tls-dial-error.js';
import { Http1ResponseReader } from '../wire/http1-reader.js';
import { AnswerBuilder } from './answer-builder.js';
import type { Http2Arrived } from './http2-arrivals.js';
import type { Incoming } from './incoming.js';
import type { ReceivedHead, ReceivedResponse } from './response.js';
import { Transcript } from './transcript.js';
import { Turns } from './turns.js';

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
  /** Whether the peer answered and then took no more of the message: its rest was not sent, nor can anything be. */
  readonly unsent: boolean;
  /** Over HTTP/2: what came in besides the answer, since the last time that anybody asked. */
  readonly arrived?: Http2Arrived;
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
 * Seconds in which a peer that has answered must take something, if it does not have all of the message.
 * Systems buffer megabytes and ask for more in bursts, so that a slow reader may seem not to read for a while.
 */
const patience = 5;

/** Why an exchange's own signal aborts. The default, an error with its stack, costs a tenth of a small exchange. */
const isOver = 'the exchange is over';

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
  private readonly answer: AnswerBuilder;
  private readonly written: Transcript | undefined;
  private readonly read: Transcript | undefined;
  private response: ReceivedResponse | undefined;
  private failure: Exchange['failure'];
  private played: Played | undefined;
  private unsent = false;
  private patience: Stillness | undefined;

  constructor(
    private readonly line: Line,
    private readonly message: Message,
    private readonly plan: Plan,
    private readonly options: ExchangeOptions,
  ) {
    this.started = line.clock.now();
    this.answer = new AnswerBuilder(options.maximumBody ?? 0);
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
      if (this.response !== undefined && this.played === undefined) this.loseNoTime();
      await sending;
    } finally {
      forget();
      this.stillness.stop();
      this.patience?.stop();
      this.stop();
    }
    return this.outcome();
  }

  private outcome(): Exchange {
    const { message, started, response, unsent, written, read } = this;
    const { informational } = this.answer;
    const unanswered = this.options.awaitResponse === false && this.played === 'peer-left';
    const failure = this.failure ?? (unanswered ? this.complaint('Server disconnected') : undefined);
    const disconnected = this.played === 'closed-by-plan';
    return { message, started, informational, response, failure, disconnected, unsent, written, read };
  }

  private async send(): Promise<void> {
    const { socket, clock } = this.line;
    const observe = (bytes: Buffer): void => {
      this.stillness.touch();
      this.patience?.touch();
      this.written?.add(bytes);
    };
    // A pause is the message's own doing, so it does not count as stillness.
    this.stillness.hold(this.message.has('pauseat') || this.message.has('rateat'));
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
    const turns = new Turns();
    let unread: Buffer | undefined;
    try {
      while (this.response === undefined) {
        if (this.over.signal.aborted) return;
        const event = reader.next();
        if (event !== undefined) {
          this.response = this.answer.take(event);
          const turn = this.response === undefined ? turns.next() : undefined;
          if (turn !== undefined) await turn;
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
    const cause = this.line.incoming.error;
    const alert = tlsAlertOf(cause);
    return new ProtocolError(alert === undefined ? message : `${message}, with the TLS alert ${alert}`, { cause });
  }

  private readonly giveUp = (): void => {
    if (this.response !== undefined && this.isStuck) this.unsent = true;
    else this.failure = 'timeout';
    this.stop();
  };

  /** The answer is there: the peer need not take the rest, as long as the message itself does not pause. */
  private readonly loseNoTime = (): void => {
    this.patience = new Stillness(this.line.clock, patience, () => {
      if (this.isStuck) this.giveUp();
      else this.loseNoTime();
    });
  };

  /** Whether bytes wait for the peer to take some. */
  private get isStuck(): boolean {
    return this.line.socket.writableLength > 0;
  }

  private readonly stop = (): void => {
    this.over.abort(isOver);
  };
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
