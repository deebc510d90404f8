/** What is said over one HTTP/2 connection: requests one after the other, and raw frames as they are written. */
import { ProtocolError, TimeoutError } from '../errors.js';
import type { Http2Message, Random } from '../language/index.js';
import type { Case, CaseList } from './cases.js';
import type { Conversed, ConversationOptions } from './conversation.js';
import type { Http2Arrival, Http2Arrived } from './http2-arrivals.js';
import type { Http2Client, Http2Exchange } from './http2-client.js';

/** What is done after a message. */
type Next = 'go on' | 'hang up' | 'stop';

/**
 * Sends the cases in order over a connection, and prints what comes of each. Raw frames go out without waiting
 * for each other, nor for the request before them; before a request, and at the end, the responses are waited for.
 * @throws as `converse` does
 */
export function converseHttp2(client: Http2Client, cases: CaseList, options: ConversationOptions): Promise<Conversed> {
  return new Http2Conversation(client, cases, options).hold();
}

class Http2Conversation {
  private failed = false;

  constructor(
    private readonly client: Http2Client,
    private readonly cases: CaseList,
    private readonly options: ConversationOptions,
  ) {}

  async hold(): Promise<Conversed> {
    let left = this.cases.length;
    for (const [one, following] of withFollowing(this.cases)) {
      const next = await this.send(one, following?.message.kind !== 'http2-frame');
      left--;
      if (next === 'go on' && (left === 0 || !this.client.ended)) continue;
      const isStopped = next === 'stop';
      if (!isStopped) await this.answers(false);
      if (!isStopped) await this.notSent(left);
      return { failed: this.failed, stop: isStopped };
    }
    const next = await this.answers(false);
    return { failed: this.failed, stop: next === 'stop' };
  }

  /** @param awaitResponse whether a request is waited for: not when a raw frame is to go behind it */
  private async send(one: Case, awaitResponse: boolean): Promise<Next> {
    const { report, toSend } = this.options;
    const message = http2Message(toSend(one));
    if (message.kind === 'http2-request') {
      const next = await this.answers(true);
      if (next !== 'go on') return next;
    }
    const outcome = await this.exchange(message, one.random, awaitResponse);
    await this.print(report.exchange(outcome));
    const next = await this.arrived(outcome.arrived);
    return next === 'go on' ? this.next(outcome) : next;
  }

  private exchange(message: Http2Message, random: Random, awaitResponse: boolean): Promise<Http2Exchange> {
    const { showRequest, showResponse } = this.options.values;
    return this.client.exchange(message, { random, awaitResponse, keepWritten: showRequest, keepRead: showResponse });
  }

  private next({ response, failure, disconnected }: Http2Exchange): Next {
    const { values, report } = this.options;
    const isIgnored = failure === 'timeout' && values.ignoreTimeouts;
    if (failure !== undefined && !isIgnored) this.failed = true;
    if (values.oneshot && response !== undefined && !report.ignores(response.code)) return 'stop';
    return disconnected || (failure === 'timeout' && !isIgnored) ? 'hang up' : 'go on';
  }

  /** Prints what comes in answer to raw frames. */
  private async answers(onlyResponses: boolean): Promise<Next> {
    if (!this.client.mayBeAnswered) return 'go on';
    let next: Next = 'go on';
    try {
      for await (const arrived of this.client.answers(onlyResponses)) {
        next = await this.arrived(arrived);
        if (next !== 'go on') break;
      }
    } catch (error) {
      next = await this.unanswered(error);
    }
    await this.print(this.options.report.dumpRead(this.client.takeRead()));
    return next;
  }

  private async unanswered(error: unknown): Promise<Next> {
    const { values, report } = this.options;
    if (!(error instanceof TimeoutError) && !(error instanceof ProtocolError)) throw error;
    const isTimeout = error instanceof TimeoutError;
    if (!isTimeout || !values.ignoreTimeouts) this.failed = true;
    await this.print(report.failure(isTimeout ? 'timeout' : error));
    return isTimeout && values.ignoreTimeouts ? 'go on' : 'hang up';
  }

  private async arrived({ list, omitted }: Http2Arrived): Promise<Next> {
    const { values, report } = this.options;
    for (const arrival of list) {
      await this.print(report.arrival(arrival));
      if (arrival.type === 'violation') this.failed = true;
      if (values.oneshot && this.counts(arrival)) return 'stop';
    }
    if (omitted > 0) await this.print(report.arrivalsOmitted(omitted));
    return 'go on';
  }

  private counts(arrival: Http2Arrival): boolean {
    return arrival.type === 'response' && !this.options.report.ignores(arrival.response.code);
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

/** Each case, and the one behind it. */
function* withFollowing(cases: Iterable<Case>): Generator<readonly [Case, Case | undefined]> {
  let previous: Case | undefined;
  for (const one of cases) {
    if (previous !== undefined) yield [previous, one];
    previous = one;
  }
  if (previous !== undefined) yield [previous, undefined];
}

/** The playlist was parsed for HTTP/2. */
function http2Message(message: Case['message']): Http2Message {
  if (message.kind === 'http2-request' || message.kind === 'http2-frame') return message as Http2Message;
  throw new TypeError(`a message of kind ${message.kind} is not sent over HTTP/2`);
}
