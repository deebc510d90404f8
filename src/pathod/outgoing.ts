/** The sending side of a connection: performs what is served, and tells the log about it. */
import type { Duplex } from 'node:stream';
import type { Plan } from '../language/index.js';
import { play } from '../net/play.js';
import type { Played, PlayOptions } from '../net/play.js';
import type { Consumed } from '../net/pump.js';
import type { Served, Serving } from './recipe.js';
import { SentMessage } from './sent-message.js';
import type { Service } from './service.js';
import { longestDump } from './text-log.js';

/** Small responses of one spec that are written in a turn of the event loop. */
const writesPerTurn = 64;

const nothingObserved: PlayOptions = {};

/** What was thrown while a message was being sent: part of it may be with the peer. */
export interface Failure {
  readonly thrown: unknown;
}

/** How the sending of a message ended. */
export type Ending = Played | Failure;

/** Throws what a sending failed for. To be called once the log knows what was sent. */
export function throwFailure(ending: Ending): void {
  if (typeof ending === 'object') throw ending.thrown;
}

function failure(thrown: unknown): Failure {
  return { thrown };
}

export class Outgoing {
  private kept: Buffer[] = [];
  private keptBytes = 0;
  /** Whether a plan has ended our side, while the peer may still send. */
  isHalfClosed = false;
  private readonly playOptions: PlayOptions;

  constructor(
    private readonly service: Service,
    private readonly duplex: Duplex,
  ) {
    this.playOptions = service.keepsResponses ? { observe: this.keep } : nothingObserved;
  }

  /** Sends; synchronous when one write is enough. Never throws or rejects: see {@link throwFailure}. */
  send({ plan, preceding }: Serving): Ending | Promise<Ending> {
    try {
      const played = preceding === undefined ? this.play(plan) : this.sendAll(preceding.servings(), plan);
      return played instanceof Promise ? played.catch(failure) : played;
    } catch (error) {
      return failure(error);
    }
  }

  private async sendAll(first: Iterable<Serving>, last: Plan): Promise<Played> {
    let sent = 0;
    for (const { plan } of first) {
      const played = await this.play(plan);
      if (played !== 'done') return played;
      // Writes that are taken at once leave no time to anybody else.
      if (++sent % writesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return this.play(last);
  }

  private play(plan: Plan): Played | Promise<Played> {
    const played = play(plan, this.duplex, this.service.clock, this.service.signal, this.playOptions);
    return played instanceof Promise ? played.then(this.note) : played;
  }

  private readonly note = (played: Played): Played => {
    this.isHalfClosed = played === 'half-closed';
    return played;
  };

  /** Sends what is neither crafted nor logged. @returns `stop` when the peer has left */
  tell(plan: Plan): Consumed | Promise<Consumed> {
    const played = play(plan, this.duplex, this.service.clock, this.service.signal);
    if (played instanceof Promise) return played.then((how) => (how === 'done' ? undefined : 'stop'));
    return played === 'done' ? undefined : 'stop';
  }

  /** What was sent since `started`, for the log. */
  sent(served: Served, started: number, ending: Ending): SentMessage {
    const { files, clock, keepsResponses } = this.service;
    const bytes = keepsResponses ? this.takeKept() : undefined;
    // After a failure the connection is closed, in the middle of the message.
    const disconnect = ending === 'closed-by-plan' || typeof ending === 'object';
    return new SentMessage(served, files, started, clock.now(), disconnect, bytes);
  }

  private readonly keep = (bytes: Buffer): void => {
    const part = bytes.subarray(0, longestDump - this.keptBytes);
    if (part.length === 0) return;
    this.kept.push(Buffer.from(part));
    this.keptBytes += part.length;
  };

  private takeKept(): Buffer {
    const bytes = Buffer.concat(this.kept);
    this.kept = [];
    this.keptBytes = 0;
    return bytes;
  }
}
