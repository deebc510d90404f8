/**
 * Reading a stream chunk by chunk, as fast as one asks: a slow reader stops a fast peer.
 *
 * Up to {@link readAhead} bytes are read before they are asked for, so that the peer's end and its resets are
 * noticed while nobody reads; then reading pauses.
 */
import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import { readAhead } from './pump.js';

/** How a stream came to its end: the peer sent all it had to send, or the stream is gone, perhaps with an error. */
export type SourceEnding = { readonly how: 'end' } | { readonly how: 'closed'; readonly error: Error | undefined };

const nothing: Buffer = Buffer.alloc(0);

export class ByteSource {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private asked: ((chunk: Buffer | undefined) => void) | undefined;
  private over: SourceEnding | undefined;
  private error: Error | undefined;
  private onEnding: ((ending: SourceEnding) => void) | undefined;

  /** @param first what was read from the stream already */
  constructor(
    readonly duplex: Duplex,
    first: Buffer = nothing,
  ) {
    absorbErrors(duplex);
    if (first.length > 0) this.keep(first);
    if (duplex.readableEnded) this.over = { how: 'end' };
    else if (duplex.destroyed) this.over = { how: 'closed', error: duplex.errored ?? undefined };
    else {
      duplex.on('data', this.receive).on('end', this.noteEnd).on('error', this.noteError).on('close', this.noteClose);
      duplex.resume();
    }
  }

  /** How the stream came to its end, though there may be chunks still that were read before. */
  get ending(): SourceEnding | undefined {
    return this.over;
  }

  /** Bytes that were received and not asked for yet. */
  get buffered(): number {
    return this.waitingBytes;
  }

  /**
   * The next chunk; undefined at the end, when {@link ending} tells how. Nobody else may be waiting for one.
   * @returns a promise only when the chunk is still to come; it never rejects
   */
  read(): Buffer | undefined | Promise<Buffer | undefined> {
    const chunk = this.waiting.shift();
    if (chunk !== undefined) {
      this.waitingBytes -= chunk.length;
      if (this.waitingBytes < readAhead && this.over === undefined && this.duplex.isPaused()) this.duplex.resume();
      return chunk;
    }
    if (this.over !== undefined) return undefined;
    return new Promise((resolve) => {
      this.asked = resolve;
    });
  }

  /** Puts a chunk back: it is the next one to be read. */
  unread(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.waiting.unshift(chunk);
    this.waitingBytes += chunk.length;
  }

  /** Has somebody told, once, that the stream came to its end; at once when it has. One at a time. */
  whenEnded(listener: ((ending: SourceEnding) => void) | undefined): void {
    if (this.over !== undefined) listener?.(this.over);
    else this.onEnding = listener;
  }

  /** Stops reading and leaves the stream, paused, to somebody else. Gives what was read and not asked for. */
  detach(): Buffer {
    const { duplex, waiting } = this;
    duplex.off('data', this.receive).off('end', this.noteEnd).off('error', this.noteError).off('close', this.noteClose);
    duplex.pause();
    this.waiting = [];
    this.waitingBytes = 0;
    this.onEnding = undefined;
    return waiting.length === 1 ? (waiting[0] ?? nothing) : Buffer.concat(waiting);
  }

  private readonly receive = (chunk: Buffer): void => {
    const { asked } = this;
    if (asked !== undefined) {
      this.asked = undefined;
      asked(chunk);
    } else this.keep(chunk);
  };

  private keep(chunk: Buffer): void {
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    if (this.waitingBytes >= readAhead) this.duplex.pause();
  }

  private readonly noteEnd = (): void => {
    this.end({ how: 'end' });
  };

  private readonly noteError = (error: Error): void => {
    this.error = error;
  };

  private readonly noteClose = (): void => {
    this.end({ how: 'closed', error: this.error });
  };

  private end(ending: SourceEnding): void {
    // A stream that ended in order is closed some time after.
    if (this.over !== undefined) return;
    this.over = ending;
    this.asked?.(undefined);
    this.asked = undefined;
    this.onEnding?.(ending);
    this.onEnding = undefined;
  }
}
