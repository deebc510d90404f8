/**
 * The one read loop and the one backpressure rule.
 *
 * While a chunk is being dealt with, up to {@link readAhead} further bytes are read and kept, so
 * that the peer's end and its resets are noticed at once, by `end` and `close` on the stream; then
 * reading pauses, and the peer feels it.
 */
import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';

/** Bytes kept while a chunk is being dealt with before reading pauses. */
export const readAhead = 64 * 1024;

/** What the reader of a chunk may answer: go on, or read no more. */
// A reader that returns nothing is the usual one, and TypeScript calls that void.
export type Consumed = void | 'stop';

/** How reading came to its end. */
export type Pumped =
  /** The peer sent all it had to send. Our side may still write. */
  | { readonly how: 'end' }
  /** The stream is gone; with the error, unless it was destroyed in order. */
  | { readonly how: 'closed'; readonly error: Error | undefined }
  /** The reader said `stop`. The stream is paused; `rest` was read and not handed on. */
  | { readonly how: 'stopped'; readonly rest: Buffer };

/**
 * Reads a stream to its end and hands on each chunk. When `onChunk` returns a promise, the next
 * chunk waits for it; when it returns nothing, no promise is made.
 * @param first handed on before anything else: what was read from the stream already
 * @returns how it ended, after the last `onChunk` has; the network is never a reason to reject
 * @throws what `onChunk` throws, and nothing is read after that
 */
export function pump(
  duplex: Duplex,
  onChunk: (chunk: Buffer) => Consumed | Promise<Consumed>,
  first?: Buffer,
): Promise<Pumped> {
  return new Promise((resolve, reject) => {
    new Pump(duplex, onChunk, resolve, reject).start(first);
  });
}

class Pump {
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private busy = false;
  private finished = false;
  private ending: Pumped | undefined;
  private error: Error | undefined;

  constructor(
    private readonly duplex: Duplex,
    private readonly onChunk: (chunk: Buffer) => Consumed | Promise<Consumed>,
    private readonly resolve: (pumped: Pumped) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  start(first: Buffer | undefined): void {
    const { duplex } = this;
    absorbErrors(duplex);
    if (duplex.destroyed || duplex.readableEnded) {
      this.ending = duplex.readableEnded ? { how: 'end' } : { how: 'closed', error: duplex.errored ?? undefined };
      if (first !== undefined && first.length > 0) this.hand(first);
      this.finishIfIdle();
      return;
    }
    duplex.on('error', this.noteError).on('end', this.noteEnd).on('close', this.noteClose).on('data', this.receive);
    if (first !== undefined && first.length > 0) this.hand(first);
    if (this.finished) return;
    // Another pump may have left the stream paused, and then `data` alone does not start it.
    duplex.resume();
  }

  private readonly receive = (chunk: Buffer): void => {
    if (!this.busy) {
      this.hand(chunk);
      return;
    }
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    if (this.waitingBytes >= readAhead) this.duplex.pause();
  };

  private readonly noteError = (error: Error): void => {
    this.error = error;
  };

  private readonly noteEnd = (): void => {
    this.ending ??= { how: 'end' };
    this.finishIfIdle();
  };

  private readonly noteClose = (): void => {
    this.ending ??= { how: 'closed', error: this.error };
    this.finishIfIdle();
  };

  private hand(chunk: Buffer): void {
    try {
      const consumed = this.onChunk(chunk);
      if (consumed instanceof Promise) {
        this.busy = true;
        consumed.then(this.goOn, this.fail);
      } else if (consumed === 'stop') {
        this.stop();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly goOn = (consumed: Consumed): void => {
    this.busy = false;
    if (consumed === 'stop') {
      this.stop();
      return;
    }
    this.handWaiting();
    this.finishIfIdle();
  };

  private handWaiting(): void {
    while (!this.busy && !this.finished) {
      const chunk = this.waiting.shift();
      if (chunk === undefined) break;
      this.waitingBytes -= chunk.length;
      this.hand(chunk);
    }
    if (this.waitingBytes < readAhead && !this.finished && this.duplex.isPaused()) this.duplex.resume();
  }

  private finishIfIdle(): void {
    if (this.ending === undefined || this.busy || this.finished) return;
    this.detach();
    this.resolve(this.ending);
  }

  private stop(): void {
    this.detach();
    this.resolve({ how: 'stopped', rest: Buffer.concat(this.waiting) });
  }

  private readonly fail = (error: unknown): void => {
    this.detach();
    this.reject(error);
  };

  private detach(): void {
    this.finished = true;
    const { duplex } = this;
    duplex.off('error', this.noteError).off('end', this.noteEnd).off('close', this.noteClose).off('data', this.receive);
    duplex.pause();
  }
}
