import type { Http2Message } from './http2.js';
import type { Settings } from './settings.js';

/**
 * Which streams the messages of a spec are sent on, one message after the other.
 *
 *     get:/  h2f:trst_stream  h2f:theaders:snew  h2f:tdata      pathoc
 *     1      1                3                  3
 *
 * A request opens the next stream, and a frame is sent on the stream in hand: in pathoc the one that was opened
 * last, by a request or by `snew`; in pathod always that of the request that is answered, whatever `snew` opens.
 * A session that opens streams otherwise tells so by {@link opened}.
 */
export class StreamIds {
  private current: number | undefined;
  private following: number;

  /**
   * @param request the stream of the request that is answered; undefined in pathoc
   * @param next the next stream that our side may open: 1 for a new client, 2 for a new server
   */
  constructor(
    private readonly request: number | undefined,
    next: number,
  ) {
    this.current = request;
    this.following = next;
  }

  /** The next stream that our side may open. */
  get next(): number {
    return this.following;
  }

  /** The stream in hand; before any is opened, the next one. */
  get inHand(): number {
    return this.current ?? this.following;
  }

  /** Opens the next stream of our side and takes it in hand. */
  open(): number {
    const id = this.following;
    this.opened(id);
    return id;
  }

  /** A stream of ours was opened; what we open next is behind it. */
  opened(id: number): void {
    this.current = this.request ?? id;
    this.following = Math.max(this.following, id + 2);
  }

  /** The settings that a message needs to know its streams, before it is sent. */
  settings(): Pick<Settings, 'streamId' | 'nextStreamId'> {
    return { streamId: this.inHand, nextStreamId: this.following };
  }

  /** Takes note of a frame that is sent with {@link settings}. */
  sent(message: Http2Message): void {
    if (message.kind !== 'http2-frame') return;
    const takes = message.opensNextStream || (this.current === undefined && message.onStreamInHand);
    const id = message.streamId(this.settings());
    if (takes) this.opened(id);
    // What the spec opens by number cannot be opened again.
    else if (message.opensStream && (id - this.following) % 2 === 0) this.following = Math.max(this.following, id + 2);
    if (message.promisesNextStream) this.following += 2;
  }
}
