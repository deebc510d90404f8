/** A request that is passed on as it arrives, while its response may come already. */
import { isOwnError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import { clientFailure } from './exchange-failure.js';
import type { IncomingBody, OutgoingBody, ServerStream } from './http-stream.js';
import { forgetLength, streamBody } from './message-body.js';
import type { Request } from './message/request.js';

/** Milliseconds without a piece after which the rest of a request that was answered is not waited for any more. */
const patience = 10_000;

export interface StreamedRequestParts {
  readonly request: Request;
  readonly body: IncomingBody;
  readonly server: ServerStream;
  readonly clock: Clock;
  /** Whether the request keeps what is sent. */
  readonly keeps: boolean;
  /** Called when all of the body was passed on, before it is ended. */
  readonly onPassed: () => void | Promise<void>;
}

export class StreamedRequest {
  /** Why it could not be sent. */
  failure: unknown;
  private readonly sending: Promise<void>;
  private pieces = 0;
  private isGivenUp = false;

  /** Begins to send. */
  constructor(private readonly parts: StreamedRequestParts) {
    parts.request.stream ||= true;
    this.sending = this.send();
  }

  /**
   * The request was answered. Resolves when all of it was sent, or when that is of no use: the server has gone, the
   * client sends nothing more, or the server takes nothing more.
   */
  async settle(): Promise<void> {
    const over = new AbortController();
    const { clock } = this.parts;
    let isOver = false;
    const sent = this.sending.then(() => {
      isOver = true;
    });
    for (let before = -1; !isOver && before !== this.pieces;) {
      before = this.pieces;
      await Promise.race([sent, clock.wait(patience, over.signal)]);
    }
    over.abort('over');
    this.isGivenUp = true;
  }

  /** Never rejects: what fails is kept, and ends the waiting for the response. */
  private async send(): Promise<void> {
    const { request, body, server, keeps, onPassed } = this.parts;
    try {
      forgetLength(request, body);
      const outgoing = server.sendHead(request);
      const isWhole = await streamBody(request, body, this.counted(outgoing), keeps);
      if (!isWhole || this.isGivenUp) return;
      const waiting = onPassed();
      if (waiting !== undefined) await waiting;
      await outgoing.end(request.trailers);
    } catch (error) {
      this.failure = isOwnError(error) ? clientFailure(error) : error;
      server.release();
    }
  }

  private counted(outgoing: OutgoingBody): Pick<OutgoingBody, 'write' | 'isLost'> {
    const isLost = (): boolean => this.isGivenUp || outgoing.isLost;
    return {
      write: (piece, isKept) => {
        this.pieces++;
        return outgoing.write(piece, isKept);
      },
      get isLost() {
        return isLost();
      },
    };
  }
}
