/**
 * The sending side of an HTTP/2 connection: writes what the connection has to say as the socket takes it,
 * and plays plans between its frames.
 *
 *     Http2Connection -- takeOutput --+
 *                                     +--> Duplex
 *     Plan of a raw frame -- play ----+     while it lasts, nothing else is written
 */
import type { Duplex } from 'node:stream';
import type { Plan } from '../language/plan.js';
import type { Http2Connection } from '../wire/http2-connection.js';
import type { Clock } from './clock.js';
import { play } from './play.js';
import type { Played } from './play.js';

/** Bytes written in one turn of the event loop, however fast the peer reads: others want a turn too. */
const turnSize = 512 * 1024;

/** Someone who waits for something to be the case. */
interface Watch {
  readonly isTheCase: () => boolean;
  readonly resolve: () => void;
}

/** What a writer needs besides its connection. */
export interface WriterPorts {
  readonly clock: Clock;
  /** Ends plans that are being played. */
  readonly signal: AbortSignal;
}

/** How a writer came to its end. */
export type WriterEnd = Exclude<Played, 'done'>;

/** Is told of what a writer does. */
export interface WriterListener {
  /** Output was written, or could have been: there may be events, and room. */
  written(): void;
  /** A plan is played from now on, or no longer. */
  playing(isPlaying: boolean): void;
  /** Nothing can be written any more. */
  ended(end: WriterEnd): void;
  /** These bytes of the connection were written; those of plans are told to whom {@link Http2Writer.play} is given. */
  readonly wrote?: ((bytes: Buffer) => void) | undefined;
}

export class Http2Writer {
  private readonly watches = new Set<Watch>();
  private writtenThisTurn = 0;
  private isPausing = false;
  private isScheduled = false;
  private isPlaying = false;
  private isHeld = false;
  private end: WriterEnd | undefined;

  constructor(
    private readonly ports: WriterPorts,
    private readonly duplex: Duplex,
    private readonly connection: Http2Connection,
    private readonly listener: WriterListener,
  ) {
    duplex.on('drain', this.proceed);
  }

  /** How it ended; undefined as long as anything can be written. */
  get ended(): WriterEnd | undefined {
    return this.end;
  }

  /** Whether a plan is being played. */
  get playing(): boolean {
    return this.isPlaying;
  }

  /** Those who wait. */
  get waiting(): number {
    return this.watches.size;
  }

  /** Writes what the socket takes now, and has all who wait look. @returns whether it took all there was */
  flush(): boolean {
    const tookAll = this.write();
    if (this.watches.size > 0) this.look();
    return tookAll;
  }

  /** Writes soon what there is: once, however often it is called. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(this.proceed);
  }

  /** While held, nothing is written but plans: what they have begun, other frames would break. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    if (!isHeld) this.schedule();
  }

  /** Resolves once it is the case, or nothing can be written any more. */
  until(isTheCase: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.watches.add({ isTheCase, resolve });
      this.schedule();
    });
  }

  /** Has all who wait look again. */
  look(): void {
    for (const watch of this.watches) {
      if (this.end === undefined && !watch.isTheCase()) continue;
      this.watches.delete(watch);
      watch.resolve();
    }
  }

  /**
   * Plays a plan behind all that was put out so far, and nothing else meanwhile.
   * @param isWanted looked at when its turn comes
   * @throws what {@link play} throws
   */
  async play(plan: Plan, isWanted: () => boolean, observe: (bytes: Buffer) => void): Promise<Played> {
    while (this.isPlaying && isWanted() && this.end === undefined)
      await this.until(() => !this.isPlaying || !isWanted());
    if (this.end !== undefined || !isWanted()) return this.end ?? 'peer-left';
    // What waits for nothing goes first, however full the socket: it is bounded.
    const before = this.isHeld ? undefined : this.connection.takeOutput(0);
    if (before !== undefined && before.length > 0) this.send(before);
    this.setPlaying(true);
    let played: Played;
    try {
      played = await play(plan, this.duplex, this.ports.clock, this.ports.signal, { observe });
    } finally {
      this.setPlaying(false);
    }
    if (played === 'done') this.schedule();
    else this.stop(played);
    return played;
  }

  /** Nothing is written any more; all who wait go on. */
  stop(end: WriterEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.duplex.off('drain', this.proceed);
    this.look();
    this.listener.ended(end);
  }

  private setPlaying(isPlaying: boolean): void {
    this.isPlaying = isPlaying;
    this.listener.playing(isPlaying);
  }

  private write(): boolean {
    const { connection } = this;
    while (connection.hasOutput) {
      if (this.end !== undefined || this.isPlaying || this.isHeld || this.isFull()) return false;
      if (this.writtenThisTurn >= turnSize) return this.pause();
      const bytes = connection.takeOutput();
      if (bytes.length === 0) break;
      this.writtenThisTurn += bytes.length;
      this.send(bytes);
    }
    return true;
  }

  private send(bytes: Buffer): void {
    this.listener.wrote?.(bytes);
    this.duplex.write(bytes);
  }

  /** Lets others have a turn. */
  private pause(): false {
    if (!this.isPausing) setImmediate(this.nextTurn);
    this.isPausing = true;
    return false;
  }

  /** Whether the stream asked to wait, and still holds something: the system may have taken it all at once. */
  private isFull(): boolean {
    return this.duplex.writableNeedDrain && this.duplex.writableLength > 0;
  }

  private readonly nextTurn = (): void => {
    this.isPausing = false;
    this.writtenThisTurn = 0;
    this.proceed();
  };

  private readonly proceed = (): void => {
    this.isScheduled = false;
    if (this.end !== undefined) return;
    this.flush();
    this.listener.written();
  };
}
