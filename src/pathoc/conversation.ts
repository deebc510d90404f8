/** What is said over one connection: the cases of a repetition, and the frames that come in between. */
import { ProtocolError, TimeoutError } from '../errors.js';
import type { Message } from '../language/index.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import type { Case, CaseList } from './cases.js';
import type { Pathoc } from './client.js';
import type { Exchange } from './exchange.js';
import type { PathocValues } from './options.js';
import type { Output } from './output.js';
import type { Report } from './report.js';
import { Transcript } from './transcript.js';

/** What a conversation needs besides its connection and its cases. */
export interface ConversationOptions {
  readonly values: PathocValues;
  readonly report: Report;
  readonly output: Output;
  /** The message that is sent, and printed, for a case. */
  readonly toSend: (one: Case) => Message;
}

/** How a conversation ended. */
export interface Conversed {
  /** Whether something failed that was not to be ignored. */
  readonly failed: boolean;
  /** Whether the run is to end here. */
  readonly stop: boolean;
}

/** What is done after a message. */
type Next = 'go on' | 'peer left' | 'hang up' | 'stop';

/** Opcode of the frame after which a peer sends nothing more (RFC 6455, section 5.5.1). */
const closeOpcode = 8;

/**
 * Sends the cases in order over a connection, and prints what comes of each.
 * @throws {ConnectionError} when the connection is closed from this side
 * @throws {FileAccessDenied | RenderError} when a file has changed since it was looked at
 */
export async function converse(client: Pathoc, cases: CaseList, options: ConversationOptions): Promise<Conversed> {
  return new Conversation(client, cases, options).hold();
}

class Conversation {
  private failed = false;
  private allSent = false;
  private peerClosing = false;
  private frames: Promise<void> | undefined;
  private readonly framesOver = new AbortController();
  private stopped = false;

  constructor(
    private readonly client: Pathoc,
    private readonly cases: CaseList,
    private readonly options: ConversationOptions,
  ) {}

  async hold(): Promise<Conversed> {
    try {
      const next = await this.sendAll();
      this.allSent = true;
      // A peer that left may have left frames behind.
      if (next === 'hang up' || next === 'stop' || this.peerClosing) this.framesOver.abort();
    } catch (error) {
      this.framesOver.abort();
      await this.frames?.catch(() => undefined);
      throw error;
    }
    await this.frames;
    return { failed: this.failed, stop: this.stopped };
  }

  private async sendAll(): Promise<Next> {
    let left = this.cases.length;
    for (const one of this.cases) {
      const next = await this.send(one);
      left--;
      if (next === 'go on') continue;
      if (next === 'stop') this.stopped = true;
      else await this.notSent(left);
      return next;
    }
    return 'go on';
  }

  private async send(one: Case): Promise<Next> {
    const { values, report, toSend } = this.options;
    const message = toSend(one);
    // Once frames are read, whatever comes in is taken for frames.
    const awaitResponse = message.kind === 'request' && this.frames === undefined;
    const outcome = await this.client.exchange(message, {
      random: one.random,
      awaitResponse,
      keepWritten: values.showRequest,
      keepRead: values.showResponse && awaitResponse,
    });
    await this.print(report.exchange(outcome));
    if (outcome.response?.code === 101 && message.websocket && !outcome.unsent) {
      this.frames = this.readFrames();
      // It is awaited when everything is sent, and may fail before.
      this.frames.catch(() => undefined);
    }
    return this.next(outcome);
  }

  private next({ response, failure, disconnected, unsent }: Exchange): Next {
    const { values, report } = this.options;
    const isIgnored = failure === 'timeout' && values.ignoreTimeouts;
    if (failure !== undefined && !isIgnored) this.failed = true;
    if (values.oneshot && response !== undefined && !report.ignores(response.code)) return 'stop';
    if (failure instanceof ProtocolError) return 'peer left';
    return disconnected || unsent || (failure !== undefined && !isIgnored) ? 'hang up' : 'go on';
  }

  /** Prints frames as they come, until the peer closes, nothing comes in time, or the sending side has ended all. */
  private async readFrames(): Promise<void> {
    try {
      for await (const frame of this.client.frames(this.framesOver.signal)) {
        await this.print(this.options.report.frameReceived(frame, this.transcriptOf(frame)));
        if (frame.opcode === closeOpcode) this.peerClosing = true;
        if (this.peerClosing && this.allSent) return;
      }
    } catch (error) {
      // Frames may stop coming: that is how waiting for them ends.
      if (error instanceof TimeoutError) return;
      if (!(error instanceof ProtocolError)) throw error;
      this.failed = true;
      await this.print(this.options.report.failure(error));
    }
  }

  private transcriptOf(frame: ReceivedFrame): Transcript | undefined {
    if (!this.options.values.showResponse) return undefined;
    const transcript = new Transcript();
    transcript.add(frame.bytes);
    return transcript;
  }

  private async notSent(count: number): Promise<void> {
    if (count === 0) return;
    this.failed = true;
    await this.print(this.options.report.notSent(count));
  }

  private async print(text: string): Promise<void> {
    if (text !== '') await this.options.output.result(text);
  }
}
