/**
 * One HTTP/2 connection to a server: what comes in is handled as it comes, whether somebody waits or not.
 *
 *     pump -> Http2Connection -> streams: Http2AnswerBuilder -> whoever waits
 *                             -> arrivals: frames that say something
 *     Http2Writer <- Http2Connection, raw frames
 */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import { hangUp } from '../net/hang-up.js';
import { Http2Writer } from '../net/http2-writer.js';
import { onAbort } from '../net/on-abort.js';
import { pump } from '../net/pump.js';
import type { Pumped } from '../net/pump.js';
import { tlsAlertOf } from '../net/tls-dial-error.js';
import { lineRepr } from '../wire/bytes-repr.js';
import { Http2Connection } from '../wire/http2-connection.js';
import { Http2Error } from '../wire/http2-error.js';
import type { Http2Event } from '../wire/http2-event.js';
import { decodeHttp2FrameHeader } from '../wire/http2-frames.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { frameFlags, frameTypes, http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import { Http2AnswerBuilder } from './http2-answer-builder.js';
import type { BodyBudget } from './http2-answer-builder.js';
import { Http2Arrivals, isSettingsAnswer, isTold } from './http2-arrivals.js';
import { Http2FrameTap } from './http2-frame-tap.js';
import type { FrameListener } from './http2-frame-tap.js';
import { Http2Owed } from './http2-owed.js';
import { Http2Recording } from './http2-recording.js';
import type { ReceivedResponse } from './response.js';
import { Turns } from './turns.js';

/** Frames in a row that may come without any of them bringing an answer nearer: PING, SETTINGS, empty DATA... */
const mostIdle = 10_000;
/** Streams that a server may push before further ones are refused, should raw frames have allowed it to. */
const mostPushed = 1000;

/** What a line needs. */
export interface Http2LineOptions {
  readonly clock: Clock;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** Leaves out the preface and its SETTINGS (RFC 9113, section 3.4). */
  readonly skipConnectionPreface?: boolean | undefined;
  readonly onFrame?: FrameListener | undefined;
}

/** A stream that something is awaited on. */
export interface AnsweredStream {
  readonly id: number;
  readonly builder: Http2AnswerBuilder;
  /** Whether its answer is one of the arrivals. */
  readonly isRaw: boolean;
  /** Whether END_STREAM of ours was sent. */
  allSent: boolean;
  isOver: boolean;
  response: ReceivedResponse | undefined;
  failure: ProtocolError | undefined;
}

export class Http2Line {
  readonly connection: Http2Connection;
  readonly writer: Http2Writer;
  readonly arrivals = new Http2Arrivals();
  readonly owed = new Http2Owed();
  readonly written = new Http2Recording();
  readonly read = new Http2Recording();
  readonly tap: Http2FrameTap | undefined;
  /** Called whenever something has changed for those who wait. */
  wake: () => void = nothing;
  /** Called whenever something moves: an answer comes nearer, or a part of a request is sent. */
  moved: (() => void) | undefined;
  /** Why the connection is of no use any more. */
  failure: ProtocolError | undefined;
  /** What was thrown that should not have been. */
  thrown: { readonly error: unknown } | undefined;
  private readonly over = new AbortController();
  private readonly streams = new Map<number, AnsweredStream>();
  private readonly turns = new Turns();
  private pumped: Pumped | undefined;
  private goaway: string | undefined;
  private idleFrames = 0;
  private acknowledgementsDue: number;
  private pushed = 0;
  /** What the bodies of arrivals may keep. */
  private rawBudget: BodyBudget = { left: 0 };

  constructor(
    readonly duplex: Duplex,
    private readonly options: Http2LineOptions,
  ) {
    const { clock, signal, skipConnectionPreface = false, onFrame } = options;
    this.tap = onFrame && new Http2FrameTap(onFrame);
    this.acknowledgementsDue = skipConnectionPreface ? 0 : 1;
    this.connection = new Http2Connection({
      role: 'client',
      automatic: { preface: !skipConnectionPreface, settings: !skipConnectionPreface },
      // Room for more would be given by a frame of its own.
      ...(skipConnectionPreface && { connectionWindow: 65535 }),
      onFrame: this.receivedFrame,
      onSent: this.sentFrames,
    });
    const listener = { written: this.afterWrite, playing: nothing, ended: this.afterWrite, wrote: this.written.add };
    this.writer = new Http2Writer({ clock, signal: this.over.signal }, duplex, this.connection, listener);
    const forget = onAbort(signal, () => {
      this.over.abort();
    });
    duplex.once('close', () => {
      forget();
      this.writer.stop('peer-left');
    });
    this.writer.flush();
    pump(duplex, this.receive).then(this.peerEnded, (error: unknown) => {
      this.thrown = { error };
      this.wake();
    });
  }

  /** Whether nothing more can come from the server. */
  get ended(): boolean {
    return this.pumped !== undefined;
  }

  /** Whether the server said GOAWAY. */
  get isGoingAway(): boolean {
    return this.goaway !== undefined;
  }

  /** Whether there is nothing to wait for any more. */
  get isOver(): boolean {
    return this.ended || this.failure !== undefined || this.thrown !== undefined || this.over.signal.aborted;
  }

  /** Whether the server takes no more streams. */
  get refusal(): ProtocolError | undefined {
    return this.goaway === undefined
      ? undefined
      : new ProtocolError(`the server takes no more requests: ${this.goaway}`);
  }

  /** Awaits an answer on a stream. */
  expect(id: number, budget: BodyBudget, method?: string): AnsweredStream {
    return this.watch(id, new Http2AnswerBuilder(budget, method), false);
  }

  /** Takes account of a message of raw frames that was sent; answers to it are arrivals. */
  sentRaw(bytes: Buffer, budget: BodyBudget): void {
    this.rawBudget = budget;
    this.tap?.sent(bytes);
    this.connection.accountRaw(bytes);
    for (const id of this.owed.sent(bytes)) this.watch(id, new Http2AnswerBuilder(budget), true);
  }

  /** Awaits nothing on a stream any longer; it is reset when it is not closed. */
  abandon({ id }: AnsweredStream): void {
    this.streams.delete(id);
    if (!this.connection.openStreams.includes(id)) return;
    this.connection.sendReset(id, http2ErrorCodes.cancel);
    this.writer.flush();
  }

  /** Sends nothing more, and waits for nothing. */
  stop(): void {
    this.over.abort();
    this.wake();
  }

  /** Why no answer came, now that the server has left. */
  disconnection(builder?: Http2AnswerBuilder): ProtocolError {
    const { waiting } = this.connection;
    const error = this.pumped?.how === 'closed' ? this.pumped.error : undefined;
    const place =
      waiting > 0
        ? ` after ${String(waiting)} bytes of a frame`
        : builder?.begun === true
          ? ` after ${String(builder.bodyLength)} bytes of the body`
          : '';
    const alert = tlsAlertOf(error);
    const words = [
      ...(this.goaway === undefined ? [] : [this.goaway]),
      ...(alert === undefined ? [] : [`the TLS alert ${alert}`]),
    ];
    const told = words.length === 0 ? '' : `, with ${words.join(' and ')}`;
    return new ProtocolError(`Server disconnected${place}${told}`, { cause: error });
  }

  /** The next thing that happens. One may wait at a time. */
  event(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private watch(id: number, builder: Http2AnswerBuilder, isRaw: boolean): AnsweredStream {
    const stream = { id, builder, isRaw, allSent: false, isOver: false, response: undefined, failure: undefined };
    this.streams.set(id, stream);
    return stream;
  }

  private readonly receive = (chunk: Buffer): void | Promise<void> => {
    this.read.add(chunk);
    if (this.failure !== undefined) return undefined;
    this.connection.receive(chunk);
    return this.advance();
  };

  private advance(): void | Promise<void> {
    try {
      for (let event = this.connection.next(); event !== undefined; event = this.connection.next()) {
        this.handle(event);
        const turn = this.turns.next();
        if (turn === undefined) continue;
        this.writer.flush();
        return turn.then(() => this.advance());
      }
      if (this.idleFrames > mostIdle) throw this.flood();
      // A frame that comes in slowly is something that moves.
      if (this.connection.waiting > 0) this.moved?.();
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.fail(error);
    }
    this.writer.flush();
    this.wake();
    return this.tap?.settled;
  }

  /** The server broke the rules of the connection: it is told so, and nothing else is sent or read. */
  private fail(error: Http2Error): void {
    this.failure = new ProtocolError(`${error.errorName}: ${error.message}`, { cause: error });
    this.writer.flush();
    this.over.abort();
    void hangUp(this.duplex, this.options.clock, this.options.signal);
  }

  private flood(): Http2Error {
    this.connection.sendGoaway(http2ErrorCodes.enhance_your_calm);
    return new Http2Error('enhance_your_calm', `more than ${String(mostIdle)} frames that bring no answer`);
  }

  private handle(event: Http2Event): void {
    const known = 'streamId' in event ? this.streams.get(event.streamId) : undefined;
    const stream = known?.isOver === true ? undefined : known;
    if (stream) this.move();
    switch (event.type) {
      case 'headers':
        this.answered(stream, () => stream?.builder.addHead(event.headers, event.informational));
        break;
      case 'data':
        stream?.builder.addData(event.data);
        break;
      case 'trailers':
        stream?.builder.addTrailers(event.headers);
        break;
      case 'end':
        if (stream) this.conclude(stream, stream.builder.complaint, stream.builder.finish());
        break;
      case 'reset':
        if (stream) this.wasReset(stream, event);
        break;
      case 'goaway': {
        const words = event.debug.length === 0 ? '' : ` ${lineRepr(event.debug)}`;
        this.goaway = `GOAWAY ${http2ErrorName(event.errorCode)}${words}`;
        break;
      }
      case 'push':
        if (this.pushed++ < mostPushed)
          this.watch(event.promisedStreamId, new Http2AnswerBuilder(this.rawBudget), true);
        else this.connection.sendReset(event.promisedStreamId, http2ErrorCodes.refused_stream);
        break;
      default:
      // The connection has answered the rest.
    }
  }

  /** Does what an answer asks for, and gives its stream up when it is none. */
  private answered(stream: AnsweredStream | undefined, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ProtocolError) || stream === undefined) throw error;
      this.connection.sendReset(stream.id, http2ErrorCodes.protocol_error);
      this.conclude(stream, error);
    }
  }

  private wasReset(stream: AnsweredStream, event: Extract<Http2Event, { type: 'reset' }>): void {
    const code = http2ErrorName(event.errorCode);
    const place = stream.builder.begun ? ` after ${String(stream.builder.bodyLength)} bytes of the body` : '';
    if (event.by === 'us') this.conclude(stream, new ProtocolError(`${code}: ${event.message ?? ''}`));
    // The frame is told of by itself.
    else if (stream.isRaw) this.conclude(stream, undefined);
    else if (event.by === 'goaway') this.conclude(stream, this.refusal);
    else this.conclude(stream, new ProtocolError(`stream ${String(stream.id)} was reset${place}: ${code}`));
  }

  private conclude(stream: AnsweredStream, failure: ProtocolError | undefined, response?: ReceivedResponse): void {
    const { id, isRaw } = stream;
    this.owed.closed(id);
    stream.isOver = true;
    stream.failure = failure;
    stream.response = response;
    if (!isRaw) return;
    this.streams.delete(id);
    if (response) this.arrivals.add({ type: 'response', streamId: id, response });
    if (failure) this.arrivals.add({ type: 'violation', streamId: id, error: failure });
  }

  private readonly receivedFrame = (frame: Http2Frame): void => {
    this.tap?.received(frame);
    // What brings an answer nearer sets it back; CONTINUATION has bounds of its own.
    if (frame.type !== frameTypes.continuation) this.idleFrames++;
    if (isSettingsAnswer(frame) && this.acknowledgementsDue > 0) {
      this.acknowledgementsDue--;
      return;
    }
    if (this.owed.received(frame)) this.move();
    if (isTold(frame)) this.arrivals.addFrame(frame);
  };

  private readonly sentFrames = (frames: Buffer): void => {
    this.tap?.sent(frames);
    const { type, flags, streamId } = decodeHttp2FrameHeader(frames);
    if (type !== frameTypes.data && type !== frameTypes.headers) return;
    this.move();
    const stream = this.streams.get(streamId);
    if (stream && (flags & frameFlags.end_stream) !== 0) stream.allSent = true;
  };

  private move(): void {
    this.idleFrames = 0;
    this.moved?.();
  }

  private readonly afterWrite = (): void => {
    this.wake();
  };

  private readonly peerEnded = (pumped: Pumped): void => {
    this.pumped = pumped;
    this.connection.finish();
    this.wake();
  };
}

function nothing(): void {
  // Nobody waits.
}
