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

const nothingObserved: PlayOptions = {};

export class Outgoing {
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private readonly playOptions: PlayOptions;

  constructor(
    private readonly service: Service,
    private readonly duplex: Duplex,
  ) {
    this.playOptions = service.keepsResponses ? { observe: this.keep } : nothingObserved;
  }

  /** Sends; synchronous when one write is enough. @throws as {@link play} */
  send({ plan }: Serving): Played | Promise<Played> {
    return play(plan, this.duplex, this.service.clock, this.service.signal, this.playOptions);
  }

  /** Sends what is neither crafted nor logged. @returns `stop` when the peer has left */
  tell(plan: Plan): Consumed | Promise<Consumed> {
    const played = play(plan, this.duplex, this.service.clock, this.service.signal);
    if (played instanceof Promise) return played.then((how) => (how === 'done' ? undefined : 'stop'));
    return played === 'done' ? undefined : 'stop';
  }

  /** What was sent since `started`, for the log. */
  sent(served: Served, started: number, played: Played): SentMessage {
    const { files, clock, keepsResponses } = this.service;
    const bytes = keepsResponses ? this.takeKept() : undefined;
    return new SentMessage(served, files, started, clock.now(), played === 'closed-by-plan', bytes);
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
