import type { Duplex } from 'node:stream';
import { onAbort } from '../net/on-abort.js';
import { pump } from '../net/pump.js';
import type { Pumped } from '../net/pump.js';

/**
 * What a connection receives, a chunk when one is asked for. While nobody asks, little is read, and
 * the peer feels it; the end is noticed all the same.
 */
export class Incoming {
  private readonly waiting: Buffer[] = [];
  private ending: Pumped | undefined;
  private dropping = false;
  private reading = false;
  private goOn: () => void = nothing;
  private wake: () => void = nothing;
  private noted: Error | undefined;

  constructor(duplex: Duplex) {
    // After an alert TLS ends in order, and says what it was by an error all the same.
    duplex.once('error', (error) => (this.noted = error));
    void pump(duplex, (chunk) => this.receive(chunk)).then((ending) => {
      this.ending = ending;
      this.wake();
    });
  }

  /** The error that the connection ended with, when it ended with one. */
  get error(): Error | undefined {
    return this.noted;
  }

  /** Whether the peer ended, and nothing is left to be read. */
  get ended(): boolean {
    return this.ending !== undefined && this.waiting.length === 0;
  }

  /**
   * The next chunk; undefined at the end, and when the signal aborts first.
   * @throws {TypeError} when somebody else is waiting for it
   */
  async next(signal?: AbortSignal): Promise<Buffer | undefined> {
    if (this.reading) throw new TypeError('the connection is being read already');
    this.reading = true;
    while (this.waiting.length === 0 && this.ending === undefined && signal?.aborted !== true) await this.event(signal);
    this.reading = false;
    if (signal?.aborted === true) return undefined;
    const chunk = this.waiting.shift();
    if (this.waiting.length === 0) this.goOn();
    return chunk;
  }

  /** Puts back what was read and belongs to the next reader. */
  unread(bytes: Buffer): void {
    if (bytes.length > 0) this.waiting.unshift(bytes);
  }

  /** Drops all that is there and all that still comes. */
  drop(): void {
    this.dropping = true;
    this.waiting.length = 0;
    this.goOn();
  }

  private receive(chunk: Buffer): Promise<void> | undefined {
    if (this.dropping) return undefined;
    this.waiting.push(chunk);
    this.wake();
    return new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  private event(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const forget = onAbort(signal, resolve);
      this.wake = () => {
        forget();
        resolve();
      };
    });
  }
}

function nothing(): void {
  // Nobody waits.
}
