/** One answer being sent over HTTP/2: responses as the windows allow, raw frames as they are. */
import type { Http2FrameMessage, Plan } from '../language/index.js';
import { Http2ResponseMessage } from '../language/index.js';
import { chunkSize, maximumLength, readSegment, steps } from '../language/plan.js';
import type { Http2Connection } from '../wire/http2-connection.js';
import type { Http2FramesKept } from './http2-frames-kept.js';
import type { Http2Serving, Http2Turn } from './http2-recipe.js';
import type { Http2Writer } from '../net/http2-writer.js';
import type { Ending } from './outgoing.js';
import { hasChance } from '../language/chance.js';

/** Bytes put out at which one waits for the socket. */
const patience = 64 * 1024;
/** Messages sent before somebody else has a turn. */
const messagesPerTurn = 64;
/** Frames up to this size are put out whole. */
const wholeFrame = 64 * 1024;

/** Where an answer goes. */
export interface AnswerPorts {
  readonly connection: Http2Connection;
  readonly writer: Http2Writer;
  readonly kept: Http2FramesKept | undefined;
}

export class Http2Answer {
  private isCancelled = false;
  /** The bytes of the last frame, when they would be the same again. */
  private last: { readonly message: Http2FrameMessage; readonly bytes: Buffer } | undefined;

  constructor(
    private readonly ports: AnswerPorts,
    private readonly streamId: number,
    private readonly serving: Http2Serving,
  ) {}

  /** Whether somebody said {@link cancel}. */
  get cancelled(): boolean {
    return this.isCancelled;
  }

  /** Sends no more, but for a frame that has begun. */
  cancel(): void {
    this.isCancelled = true;
    this.ports.writer.look();
  }

  /** Sends it all. Never rejects: what is thrown is its ending. */
  async send(): Promise<Ending> {
    try {
      let sent = 0;
      for (const turn of this.serving.servable.turns(this.serving.random)) {
        const ending = await this.take(turn);
        if (ending !== 'done') return ending;
        // What is taken at once leaves no time to anybody else.
        if (++sent % messagesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
        if (this.isOver()) return this.left();
      }
      await this.until(() => this.ports.connection.isSent(this.streamId));
      return this.isCancelled || !this.ports.connection.isSent(this.streamId) ? this.left() : 'done';
    } catch (thrown) {
      return { thrown };
    }
  }

  private async take({ message, settings, endsStream }: Http2Turn): Promise<Ending> {
    const { servable } = this.serving;
    if (message instanceof Http2ResponseMessage) {
      return this.sendResponse(servable.prepare(message, settings), endsStream);
    }
    return this.sendFrame(message, settings);
  }

  private async sendResponse(
    { block, body, trailers }: ReturnType<Http2Serving['servable']['prepare']>,
    isLast: boolean,
  ): Promise<Ending> {
    const { connection, writer } = this.ports;
    const { streamId } = this;
    const endStream = isLast && trailers === undefined;
    // A stream that raw frames have ended takes no message any more.
    if (!connection.sendHeaders(streamId, [{ raw: block }], { endStream: endStream && body.length === 0 }))
      return 'done';
    for (let at = 0; at < body.length;) {
      const to = Math.min(at + chunkSize, body.length);
      const goesOn = connection.sendData(streamId, readSegment(body, at, to), {
        endStream: endStream && to === body.length,
      });
      at = to;
      if (!goesOn) await this.until(() => connection.takesData(streamId));
      else writer.schedule();
      if (this.isOver()) return this.left();
    }
    if (trailers) connection.sendHeaders(streamId, [{ raw: trailers }], { endStream: isLast });
    await this.room();
    return this.isOver() ? this.left() : 'done';
  }

  private async sendFrame(message: Http2FrameMessage, settings: Http2Turn['settings']): Promise<Ending> {
    const { connection, writer, kept } = this.ports;
    const { streamId } = this;
    if (!connection.isSent(streamId)) await this.until(() => connection.isSent(streamId));
    if (this.isOver()) return this.left();
    if (this.last?.message === message) {
      this.put(this.last.bytes);
    } else {
      const plan = message.plan({ ...settings, streamId, nextStreamId: connection.nextStreamId });
      const bytes = wholeOf(plan);
      if (bytes === undefined) {
        const sent = new Beginning();
        const observe = (bytes: Buffer): void => {
          // The client may answer while the frame still pauses.
          if (sent.isEmpty) connection.accountRaw(beginningOf(plan));
          sent.add(bytes);
        };
        const played = await writer.play(plan, () => !this.isCancelled, observe);
        kept?.onRaw(streamId, sent.bytes);
        return played;
      }
      const isSame = plan.fixed && !hasChance(message) && !message.opensNextStream && !message.promisesNextStream;
      this.last = isSame ? { message, bytes } : undefined;
      this.put(bytes);
    }
    await this.room();
    return this.isOver() ? this.left() : 'done';
  }

  private put(frame: Buffer): void {
    const { connection, writer, kept } = this.ports;
    connection.sendRaw(frame);
    connection.accountRaw(frame);
    kept?.onRaw(this.streamId, frame);
    writer.schedule();
  }

  /** Waits while much was put out that the socket did not take. */
  private async room(): Promise<void> {
    const { connection } = this.ports;
    if (connection.outputBytes > patience) await this.until(() => connection.outputBytes <= patience);
  }

  private async until(isTheCase: () => boolean): Promise<void> {
    if (!isTheCase() && !this.isOver()) await this.ports.writer.until(() => isTheCase() || this.isCancelled);
  }

  private isOver(): boolean {
    return this.isCancelled || this.ports.writer.ended !== undefined;
  }

  private left(): Ending {
    return this.ports.writer.ended ?? 'peer-left';
  }
}

/** A frame that is nothing but its bytes, and not too many of them. */
function wholeOf(plan: Plan): Buffer | undefined {
  if (plan.actions.some((action) => action.do !== 'inject') || maximumLength(plan) > wholeFrame) return undefined;
  const parts: Buffer[] = [];
  for (const step of steps(plan)) if (step.do === 'write') parts.push(step.bytes);
  return Buffer.concat(parts);
}

/** The first bytes of a plan, injections left out: enough for what its frames mean. */
function beginningOf({ segments }: Plan): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const segment of segments) {
    const part = readSegment(segment, 0, Math.min(segment.length, wholeFrame - length));
    parts.push(part);
    length += part.length;
    if (length === wholeFrame) break;
  }
  return Buffer.concat(parts);
}

/** Keeps the beginning of what was written, for the log. */
class Beginning {
  private readonly chunks: Buffer[] = [];
  private length = 0;

  add(bytes: Buffer): void {
    const part = bytes.subarray(0, wholeFrame - this.length);
    this.length += part.length;
    if (part.length > 0) this.chunks.push(Buffer.from(part));
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}
