/**
 * One connection of HTTP/2, seen from either side: what comes in is handed to whoever minds its stream, what is sent
 * goes out in one write for all that is sent at a time.
 *
 *     pump -> Http2Connection -> Http2Lane of the stream
 *     Http2Writer <- Http2Connection <- whoever sends
 *
 * The peer gets room back only for what was read of bodies.
 */
import { isError } from '../errors.js';
import type { Duplex } from 'node:stream';
import type { Clock } from '../net/clock.js';
import { hangUp } from '../net/hang-up.js';
import { Http2Writer } from '../net/http2-writer.js';
import { pump } from '../net/pump.js';
import type { Consumed } from '../net/pump.js';
import { systemReason } from '../net/system-error.js';
import type { HeaderField } from '../wire/header-field.js';
import { Http2Connection } from '../wire/http2-connection.js';
import type { Http2Event } from '../wire/http2-event.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { http2ErrorCodes } from '../wire/http2-registry.js';
import type { Settings } from '../wire/http2-settings.js';
import { flooded } from './http2-calm.js';
import type { Http2Calm } from './http2-calm.js';

/** Bytes put out and not yet taken by the socket at which nothing more is read. */
const patience = 128 * 1024;

/** Streams that every server should take (RFC 9113, section 6.5.2). */
const safeStreams = 100;

/** Bytes of a message that nobody wants that are dropped before its stream is reset. */
const mostDropped = 16 * 1024 * 1024;

/** Why a stream is over before both of its messages are. */
export interface StreamLoss {
  /**
   * `peer`: it sent RST_STREAM. `goaway`: it will not handle the stream. `us`: it broke the rules.
   * `leaving`: it closed the connection. `connection`: the connection was closed from this side.
   */
  readonly by: 'peer' | 'goaway' | 'us' | 'leaving' | 'connection';
  /** As RST_STREAM has it. */
  readonly errorCode: number;
  /** Which rule was broken, what the system said of the connection, or why it was closed. */
  readonly message: string;
}

/** Minds one stream. */
export interface Http2Lane {
  head(fields: readonly HeaderField[], endStream: boolean, informational: boolean): void;
  data(data: Buffer): void;
  trailers(fields: readonly HeaderField[]): void;
  /** The peer has sent all of its message. */
  ended(): void;
  /** There is room again, after a send was told that there was none. */
  drained(): void;
  /** The stream is over, and nothing else will be told. */
  lost(loss: StreamLoss): void;
}

/** Minds the connection. */
export interface Http2LineOwner {
  /** The peer opened a stream. */
  opened(streamId: number, fields: readonly HeaderField[], endStream: boolean): void;
  /** The peer said GOAWAY; streams above `lastStreamId` are told of it next. */
  goaway(lastStreamId: number, errorCode: number, debug: Buffer): void;
  /** Something was received or sent: there may be room for a stream. */
  moved(): void;
  /** Something was received. */
  received(): void;
  /** The peer broke the rules, on a stream or so that the connection had to be closed. */
  violated(message: string): void;
}

export interface Http2LineOptions {
  readonly role: 'client' | 'server';
  readonly duplex: Duplex;
  /** What was read from it already. */
  readonly first?: Buffer | undefined;
  readonly clock: Clock;
  /** Closes the connection at once. */
  readonly signal: AbortSignal;
  readonly settings: Settings;
  /** Bytes that the peer may send on all streams before they are read. */
  readonly connectionWindow: number;
  /** Ends the connection with a peer that sends too much to no end. */
  readonly calm?: Http2Calm | undefined;
}

export class Http2Line {
  readonly connection: Http2Connection;
  private readonly writer: Http2Writer;
  private readonly lanes = new Map<number, Http2Lane>();
  /** Streams of which nothing more is wanted, and the bytes that may still come before they are reset. */
  private readonly enough = new Map<number, number>();
  private wakeReader: (() => void) | undefined;
  /** Whether the peer has told its settings. */
  private isSettled = false;
  private isHandling = false;
  private isScheduled = false;
  private hasEnded = false;

  constructor(
    private readonly options: Http2LineOptions,
    private readonly owner: Http2LineOwner,
  ) {
    const { role, duplex, clock, signal, settings, connectionWindow, calm } = options;
    const core = { role, settings, connectionWindow, windowUpdates: 'consumed' } as const;
    const onFrame = (frame: Http2Frame): void => {
      if (calm?.isTooMuch(frame) === true) this.cutOff();
    };
    this.connection = new Http2Connection(calm === undefined ? core : { ...core, onFrame });
    const listener = { written: this.written, playing: nothing, ended: this.wake };
    this.writer = new Http2Writer({ clock, signal }, duplex, this.connection, listener);
  }

  /** Whether nothing can be sent or received any more. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Whether the peer takes one more stream of ours now. Until it says how many it takes, some are safe. */
  get canOpen(): boolean {
    return !this.isOver && this.connection.canOpen && (this.isSettled || this.lanes.size < safeStreams);
  }

  /** Serves until the connection is over, and all lanes know. Never rejects. */
  async run(): Promise<void> {
    const { duplex, first } = this.options;
    const left = (): void => {
      this.end('leaving', duplex.errored === null ? '' : systemReason(duplex.errored).reason);
    };
    // Reading may have to wait for a socket that takes nothing any more.
    duplex.once('close', left);
    this.writer.flush();
    await pump(duplex, this.receive, first);
    left();
    duplex.off('close', left);
  }

  /** Has a stream minded. */
  mind(streamId: number, lane: Http2Lane): void {
    this.lanes.set(streamId, lane);
  }

  /** A stream is minded no longer. */
  forget(streamId: number): void {
    this.lanes.delete(streamId);
  }

  /** Sends RST_STREAM, unless the stream is closed. */
  reset(streamId: number, errorCode: number): void {
    if (!this.connection.isOpen(streamId)) return;
    this.connection.sendReset(streamId, errorCode);
    this.sendSoon();
  }

  /**
   * Of the peer's message nothing more is wanted. What comes is dropped, and only after a lot of it the stream is reset:
   * there are clients that lose the response to a RST_STREAM behind it, in spite of RFC 9113, section 8.1.
   */
  dropRest(streamId: number): void {
    this.enough.set(streamId, mostDropped);
  }

  /** Resolves when nothing of what was sent on a stream waits for room any more, or nothing can be sent on it. */
  sent(streamId: number): Promise<void> {
    return this.writer.until(() => this.connection.isSent(streamId));
  }

  /** Bytes of a body were read: the peer may send as many more. */
  consumed(streamId: number, bytes: number): void {
    if (this.isOver) return;
    this.connection.consumed(streamId, bytes);
    if (this.connection.outputBytes > 0) this.sendSoon();
  }

  /** Writes what there is, once those have had their turn who are about to send. */
  readonly sendSoon = (): void => {
    if (this.isScheduled || this.isOver) return;
    this.isScheduled = true;
    // Behind all promises that are resolved now.
    process.nextTick(this.send);
  };

  /** Asks the peer whether it is there. */
  ping(): void {
    this.connection.sendPing();
    this.sendSoon();
  }

  /** Closes the connection with a peer that is not there any more. */
  giveUp(message: string): void {
    this.end('connection', message);
    this.options.duplex.destroy();
  }

  /** Something was sent on a stream that the peer asked for. */
  worked(): void {
    this.options.calm?.worked();
  }

  /** Says GOAWAY and closes, so that the peer gets what was sent. */
  close(errorCode: number): void {
    if (this.isOver) return;
    this.connection.sendGoaway(errorCode);
    this.hangUp('connection', 'the connection was closed from this side');
  }

  private readonly receive = (chunk: Buffer): Consumed | Promise<Consumed> => {
    if (this.isOver) return 'stop';
    this.owner.received();
    this.connection.receive(chunk);
    return this.advance();
  };

  /** Handles what has been read; when the socket does not take what is put out, the rest waits until it does. */
  private advance(): Consumed | Promise<Consumed> {
    while (this.handleSome()) {
      if (this.writer.flush() || this.connection.outputBytes <= patience) continue;
      return new Promise<void>((resolve) => (this.wakeReader = resolve)).then(() => this.advance());
    }
    if (this.isOver) return 'stop';
    this.owner.moved();
    if (this.connection.hasOutput) this.sendSoon();
    return undefined;
  }

  /** Handles events until there are none, or a lot was put out. @returns whether there may be more */
  private handleSome(): boolean {
    this.isHandling = true;
    try {
      while (!this.isOver) {
        const event = this.connection.next();
        // To pull may have been to cut the peer off.
        if (event === undefined || this.isOver) return false;
        this.handle(event);
        if (this.connection.outputBytes > patience) return true;
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.isHandling = false;
    }
    return false;
  }

  private handle(event: Http2Event): void {
    switch (event.type) {
      case 'headers':
        return this.head(event);
      case 'data': {
        const lane = this.lanes.get(event.streamId);
        if (lane === undefined) this.drop(event.streamId, event.data.length);
        else lane.data(event.data);
        return;
      }
      case 'trailers':
        return this.lanes.get(event.streamId)?.trailers(event.headers);
      case 'end':
        this.enough.delete(event.streamId);
        return this.lanes.get(event.streamId)?.ended();
      case 'drain':
        return this.lanes.get(event.streamId)?.drained();
      case 'reset':
        this.enough.delete(event.streamId);
        return this.lose(event);
      case 'settings':
        this.isSettled = true;
        return;
      case 'goaway':
        return this.owner.goaway(event.lastStreamId, event.errorCode, event.debug);
      default:
      // The connection has answered the rest, and acted upon it.
    }
  }

  private head({ streamId, headers, endStream, informational }: Extract<Http2Event, { type: 'headers' }>): void {
    const lane = this.lanes.get(streamId);
    if (lane !== undefined) lane.head(headers, endStream, informational);
    else if (this.options.role === 'server') this.owner.opened(streamId, headers, endStream);
  }

  private lose({ streamId, errorCode, by, message = '' }: Extract<Http2Event, { type: 'reset' }>): void {
    if (by === 'us') {
      this.owner.violated(message);
      if (this.options.calm?.isOneTooMany() === true) this.cutOff();
    }
    const lane = this.lanes.get(streamId);
    this.lanes.delete(streamId);
    lane?.lost({ by, errorCode, message });
    this.writer.look();
  }

  private readonly send = (): void => {
    this.isScheduled = false;
    if (this.isOver) return;
    this.writer.flush();
    this.written();
  };

  /** After every write there may be events, and room for what waits. */
  private readonly written = (): void => {
    if (this.wakeReader === undefined) {
      if (!this.isHandling && this.handleSome()) this.sendSoon();
    } else if (this.connection.outputBytes <= patience) this.wake();
    if (!this.isOver) this.owner.moved();
  };

  private drop(streamId: number, bytes: number): void {
    this.connection.consumed(streamId, bytes);
    const left = this.enough.get(streamId);
    if (left === undefined) return;
    if (left > bytes) this.enough.set(streamId, left - bytes);
    else {
      this.enough.delete(streamId);
      this.reset(streamId, http2ErrorCodes.no_error);
    }
  }

  private readonly wake = (): void => {
    const wake = this.wakeReader;
    this.wakeReader = undefined;
    wake?.();
  };

  /** The peer broke the rules, or we did. GOAWAY is in the output. */
  private fail(error: unknown): void {
    if (this.isOver) return;
    const message = isError(error) ? error.message : String(error);
    this.owner.violated(message);
    this.hangUp('us', message);
  }

  private cutOff(): void {
    if (this.isOver) return;
    this.owner.violated(flooded);
    this.close(http2ErrorCodes.enhance_your_calm);
  }

  private hangUp(by: 'us' | 'connection', message: string): void {
    const { duplex, clock, signal } = this.options;
    const isReading = !duplex.writableNeedDrain && duplex.writable;
    if (isReading) duplex.write(this.connection.takeOutput(0));
    this.end(by, message);
    // Who does not read is not waited for: he would go on sending all the while.
    if (isReading) void hangUp(duplex, clock, signal);
    else duplex.destroy();
  }

  private end(by: StreamLoss['by'], message: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.writer.stop('peer-left');
    const lanes = [...this.lanes.values()];
    this.lanes.clear();
    for (const lane of lanes) lane.lost({ by, errorCode: 0, message });
  }
}

function nothing(): void {
  // No plan is ever played here.
}
