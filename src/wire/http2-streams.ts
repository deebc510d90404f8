import type { Outgoing } from './http2-outbox.js';

/** A stream that is open in one direction at least (RFC 9113, section 5.1). */
export interface Http2Stream {
  readonly id: number;
  /** Bytes that we may send; below 0 when the peer shrank its window. */
  sendWindow: number;
  /** Bytes that the peer may send. */
  receiveWindow: number;
  /** Bytes that were received and consumed, and that no WINDOW_UPDATE gave back yet. */
  consumed: number;
  /** Whether a header list that is not informational was received. */
  headersReceived: boolean;
  localEnded: boolean;
  remoteEnded: boolean;
  /** What waits to be sent, in order. */
  readonly waiting: Outgoing[];
  /** Bytes of data in {@link waiting}. */
  waitingBytes: number;
  /** A send said that too much waits: a drain event is due. */
  drainDue: boolean;
}

/** Streams that are remembered for having been reset lately, or for raw frames: the peer may still speak of them. */
const remembered = 1000;

/** The streams of a connection, and which ids were ever used. */
export class Http2Streams {
  private readonly open = new Map<number, Http2Stream>();
  private readonly reset = new Set<number>();
  private readonly touched = new Set<number>();
  /** Highest id that each side has opened; ids below are open or closed, those above idle. */
  private highestLocal = 0;
  private highest = 0;
  private remoteCount = 0;

  /** @param localParity 1 for a client, 0 for a server */
  constructor(private readonly localParity: 0 | 1) {}

  /** The streams that are open, oldest first. */
  get all(): IterableIterator<Http2Stream> {
    return this.open.values();
  }

  /** Streams that the peer opened and that are open. */
  get openedByPeer(): number {
    return this.remoteCount;
  }

  /** Streams that we opened and that are open. */
  get openedByUs(): number {
    return this.open.size - this.remoteCount;
  }

  /** The highest id that the peer has opened, or 0. */
  get highestRemote(): number {
    return this.highest;
  }

  /** The next id that is ours. */
  get nextLocal(): number {
    return this.highestLocal === 0 ? 2 - this.localParity : this.highestLocal + 2;
  }

  get(id: number): Http2Stream | undefined {
    return this.open.get(id);
  }

  /** Whether an id is one of those that we open. */
  isLocal(id: number): boolean {
    return id % 2 === this.localParity;
  }

  /** Whether an id was never used. */
  isIdle(id: number): boolean {
    return !this.open.has(id) && id > (this.isLocal(id) ? this.highestLocal : this.highest);
  }

  /** Whether we reset a stream not long ago: what the peer sent before it knew is let pass. */
  wasReset(id: number): boolean {
    return this.reset.has(id);
  }

  /** Notes that raw frames spoke of a stream that is not open: the peer may well answer on it. */
  touch(id: number): void {
    if (this.isLocal(id)) this.highestLocal = Math.max(this.highestLocal, id);
    else remember(this.touched, id);
  }

  /** Whether the peer may speak of a stream though it is idle. */
  wasTouched(id: number): boolean {
    return this.touched.has(id);
  }

  /** Opens a stream, of either side, with the windows that hold for new ones. */
  add(id: number, sendWindow: number, receiveWindow: number): Http2Stream {
    const stream: Http2Stream = {
      id,
      sendWindow,
      receiveWindow,
      consumed: 0,
      headersReceived: false,
      localEnded: false,
      remoteEnded: false,
      waiting: [],
      waitingBytes: 0,
      drainDue: false,
    };
    this.open.set(id, stream);
    if (this.isLocal(id)) this.highestLocal = Math.max(this.highestLocal, id);
    else this.remoteCount++;
    return stream;
  }

  /** Notes an id that the peer uses, so that it and those below are idle no longer. */
  seen(id: number): void {
    this.highest = Math.max(this.highest, id);
  }

  /** Closes a stream, which was reset by us or came to its end. */
  remove(id: number, reset = false): void {
    if (this.open.delete(id) && !this.isLocal(id)) this.remoteCount--;
    if (reset) remember(this.reset, id);
  }
}

function remember(ids: Set<number>, id: number): void {
  ids.add(id);
  if (ids.size <= remembered) return;
  for (const oldest of ids) {
    ids.delete(oldest);
    return;
  }
}
