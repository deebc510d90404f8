import { ConnectionError } from '../errors.js';
import type { ByteSource } from '../net/byte-source.js';
import { systemReason } from '../net/system-error.js';
import type { BodyEvent } from '../wire/http1-body.js';
import type { Framing } from '../wire/http1-framing.js';
import type { IncomingBody } from './http-stream.js';
import { Headers } from './message/headers.js';

/** What a body is read with, once the head was: either reader of HTTP/1. */
export interface BodyEvents {
  receive(chunk: Buffer): void;
  finish(): void;
  next(): BodyEvent | { readonly type: string } | undefined;
}

/** The body of a message of HTTP/1, read as it is asked for. */
export class Http1IncomingBody implements IncomingBody {
  readonly isEmpty: boolean;
  readonly expectedSize: number | undefined;
  trailers: Headers | undefined;
  /** Whether somebody waits for a piece. */
  isAwaited = false;
  private over: boolean;

  /** @param peer what errors call the one who sends it */
  constructor(
    private readonly events: BodyEvents,
    private readonly source: ByteSource,
    private readonly framing: Framing,
    private readonly peer: string,
  ) {
    this.isEmpty = this.over = framing.by === 'none';
    this.expectedSize = framing.by === 'length' ? framing.length : this.isEmpty ? 0 : undefined;
    // The end of a body that is none waits to be read all the same.
    if (this.over) events.next();
  }

  /** Whether it was read to its end. */
  get isOver(): boolean {
    return this.over;
  }

  /** Whether its end is that of the connection. */
  get endsWithConnection(): boolean {
    return this.framing.by === 'close';
  }

  read(): Buffer | undefined | Promise<Buffer | undefined> {
    while (!this.over) {
      // Between the head and the end there are no other events.
      const event = this.events.next() as BodyEvent | undefined;
      if (event === undefined) {
        const chunk = this.source.read();
        if (chunk instanceof Promise) return this.readLater(chunk);
        this.receive(chunk);
      } else if (event.type === 'data') return event.data;
      else if (event.type === 'trailers') this.trailers = new Headers(event.headers);
      else this.over = true;
    }
    return undefined;
  }

  private async readLater(chunk: Promise<Buffer | undefined>): Promise<Buffer | undefined> {
    this.isAwaited = true;
    const received = await chunk;
    this.isAwaited = false;
    this.receive(received);
    return this.read();
  }

  private receive(chunk: Buffer | undefined): void {
    if (chunk !== undefined) {
      this.events.receive(chunk);
      return;
    }
    const { ending } = this.source;
    if (ending?.how === 'closed') {
      const why = ending.error === undefined ? '' : `: ${systemReason(ending.error).reason}`;
      throw new ConnectionError(`${this.peer} closed the connection in the middle of a body${why}`, 'read', '');
    }
    // The reader knows whether this is where the body ends.
    this.events.finish();
  }
}
