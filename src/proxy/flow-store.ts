/** Keeps the flows that pass, within bounds, and waits for those that are still to come. */
import { OptionError, TimeoutError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import type { DnsFlow } from './flow/dns-flow.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { TcpFlow, UdpFlow } from './flow/stream-flow.js';
import { FlowQuestion } from './flow-question.js';

/** What is kept at most. Flows that are under way are kept whatever the bounds say. */
export interface FlowStoreOptions {
  /** How many flows; `Infinity` for all. Default: 10,000. */
  readonly maximumFlows?: number | undefined;
  /** How many bytes of bodies and messages; `Infinity` for all. Default: 256 MiB. */
  readonly maximumBytes?: number | undefined;
  /**
   * Whether a flow under way that has more messages than that may lose the oldest of them: not while somebody is to
   * write it down when it ends. Default: it may.
   */
  readonly mayTrim?: (() => boolean) | undefined;
}

/** A flow that is kept. */
interface Kept {
  readonly flow: Flow;
  /** Bytes of bodies and messages, as far as they were counted. */
  bytes: number;
  /** Whether it can be asked for: see {@link FlowStore.waitFor}. */
  counts: boolean;
  /** Whether nothing is added to it any more. */
  ended: boolean;
}

/** Somebody who waits for a flow. */
interface Waiter {
  readonly question: FlowQuestion;
  readonly resolve: (flow: Flow) => void;
  readonly reject: (error: unknown) => void;
}

/** An addon that keeps flows. When there are too many, those that ended first are forgotten first. */
export class FlowStore {
  readonly name = 'flows';
  readonly keepsFlows = true;
  private readonly maximumFlows: number;
  private readonly maximumBytes: number;
  private readonly mayTrim: () => boolean;
  /** In the order of their start. */
  private readonly kept = new Map<Flow, Kept>();
  /** Those that have ended, in the order of their end, from `oldest` on. */
  private ended: (Kept | undefined)[] = [];
  private oldest = 0;
  private bytes = 0;
  private seen = 0;
  /** Flows that were under way when the store was cleared. */
  private cleared = new WeakSet<Flow>();
  private readonly waiters = new Set<Waiter>();
  private stopped = false;

  /** @throws {OptionError} for what is no bound, by the name that the options of a proxy give it */
  constructor(options: FlowStoreOptions = {}) {
    this.maximumFlows = bound('keptFlows', options.maximumFlows ?? 10_000);
    this.maximumBytes = bound('keptBytes', options.maximumBytes ?? 256 * 1024 * 1024);
    this.mayTrim = options.mayTrim ?? (() => true);
  }

  /** The flows that are kept, those under way among them, in the order of their start. */
  get all(): readonly Flow[] {
    return [...this.kept.keys()];
  }

  /** Forgets all flows; those that are under way, too. Whoever waits goes on waiting. */
  clear(): void {
    for (const { flow, ended } of this.kept.values()) if (!ended) this.cleared.add(flow);
    this.kept.clear();
    this.ended = [];
    this.oldest = this.bytes = this.seen = 0;
  }

  /**
   * The first flow that matches, of those that are kept or are still to come. A flow counts as soon as it has a whole
   * response, an error or an end: it is not given half done. One with a WebSocket counts from its handshake on and
   * is looked at again with each message, so that `~websocket & ~b hello` waits for that message.
   * @param filter an expression, or a function that is given each flow that counts
   * @param timeoutMs how long to wait, in milliseconds
   * @throws {FilterError} when the expression is not valid
   * @throws {TimeoutError} when no flow matches in time, or the proxy stops; it names the nearest flows
   * @throws {TypeError} for a time that is no number of at least 0
   */
  async waitFor(filter: string | ((flow: Flow) => boolean), timeoutMs: number, clock: Clock): Promise<Flow> {
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      throw new TypeError('how long a flow is waited for is a number of milliseconds of at least 0, such as 5000');
    }
    const question = new FlowQuestion(filter);
    for (const { flow, counts } of this.kept.values()) if (counts && question.matches(flow)) return flow;
    if (this.stopped) throw this.failure(question, 'and the proxy has stopped');
    const settled = new AbortController();
    try {
      return await new Promise<Flow>((resolve, reject) => {
        const waiter = { question, resolve, reject };
        this.waiters.add(waiter);
        void clock.wait(timeoutMs, settled.signal).then(() => {
          this.waiters.delete(waiter);
          if (!settled.signal.aborted) reject(this.failure(question, `within ${String(timeoutMs)} ms`));
        });
      });
    } finally {
      settled.abort();
    }
  }

  requestheaders(flow: HttpFlow): void {
    this.begin(flow);
  }

  /** A WebSocket begins with a response, and goes on. */
  response(flow: HttpFlow): void {
    if (flow.opensWebSocket) this.count(flow);
    else this.end(flow);
  }

  error(flow: HttpFlow): void {
    this.end(flow);
  }

  httpConnectError(flow: HttpFlow): void {
    this.end(flow);
  }

  websocketStart(flow: HttpFlow): void {
    this.count(flow);
  }

  websocketMessage(flow: HttpFlow): void {
    const kept = this.count(flow);
    if (kept !== undefined && flow.websocket !== undefined) this.addMessage(kept, flow.websocket.messages);
  }

  websocketEnd(flow: HttpFlow): void {
    this.end(flow);
  }

  tcpStart(flow: TcpFlow): void {
    this.begin(flow);
  }

  tcpMessage(flow: TcpFlow): void {
    this.receive(flow);
  }

  tcpEnd(flow: TcpFlow): void {
    this.end(flow);
  }

  tcpError(flow: TcpFlow): void {
    this.end(flow);
  }

  udpStart(flow: UdpFlow): void {
    this.begin(flow);
  }

  udpMessage(flow: UdpFlow): void {
    this.receive(flow);
  }

  udpEnd(flow: UdpFlow): void {
    this.end(flow);
  }

  udpError(flow: UdpFlow): void {
    this.end(flow);
  }

  dnsRequest(flow: DnsFlow): void {
    this.begin(flow);
  }

  dnsResponse(flow: DnsFlow): void {
    this.end(flow);
  }

  dnsError(flow: DnsFlow): void {
    this.end(flow);
  }

  /** The proxy stops: whoever waits is told. The flows stay. */
  done(): void {
    this.stopped = true;
    for (const { question, reject } of this.waiters) reject(this.failure(question, 'before the proxy stopped'));
    this.waiters.clear();
  }

  /** The entry of a flow, made when it is new; none when it was cleared while under way. */
  private begin(flow: Flow): Kept | undefined {
    const known = this.kept.get(flow);
    if (known !== undefined) return known;
    if (this.cleared.has(flow)) return undefined;
    const kept = { flow, bytes: 0, counts: false, ended: false };
    this.kept.set(flow, kept);
    this.seen++;
    return kept;
  }

  private count(flow: Flow): Kept | undefined {
    const kept = this.begin(flow);
    if (kept === undefined) return undefined;
    kept.counts = true;
    if (this.waiters.size > 0) this.offer(flow);
    return kept;
  }

  private end(flow: Flow): void {
    const kept = this.count(flow);
    if (kept === undefined) return;
    this.weigh(kept, bytesOf(flow) - kept.bytes);
    if (kept.ended) return;
    kept.ended = true;
    this.ended.push(kept);
    this.forget();
  }

  private receive(flow: TcpFlow | UdpFlow): void {
    const kept = this.begin(flow);
    if (kept !== undefined) this.addMessage(kept, flow.messages);
  }

  /**
   * Weighs the last message of a flow, and forgets its first ones when all is too much still: who grows pays, so that
   * many connections under way stay within the bound together.
   */
  private addMessage(kept: Kept, messages: { readonly content: Buffer }[]): void {
    this.weigh(kept, messages.at(-1)?.content.length ?? 0);
    if (this.bytes <= this.maximumBytes || !this.mayTrim()) return;
    // A quarter at a time, for taking one out moves all the others.
    let dropped = 0;
    let count = 0;
    const excess = Math.max(this.bytes - this.maximumBytes, 0.25 * kept.bytes);
    while (count < messages.length - 1 && dropped < excess) {
      dropped += messages[count++]?.content.length ?? 0;
    }
    messages.splice(0, count);
    kept.bytes -= dropped;
    this.bytes -= dropped;
  }

  private weigh(kept: Kept, bytes: number): void {
    kept.bytes += bytes;
    this.bytes += bytes;
    if (this.bytes > this.maximumBytes) this.forget();
  }

  /** Forgets what is too much; never the flow that ended last. */
  private forget(): void {
    const { ended, kept } = this;
    while ((kept.size > this.maximumFlows || this.bytes > this.maximumBytes) && this.oldest < ended.length - 1) {
      // The index is below the length, and nothing before it was taken out.
      const { flow, bytes } = ended[this.oldest] as Kept;
      ended[this.oldest++] = undefined;
      kept.delete(flow);
      this.bytes -= bytes;
    }
    // Half of it is behind us: each entry is moved once on average.
    if (this.oldest > 1024 && this.oldest * 2 > ended.length) {
      this.ended = ended.slice(this.oldest);
      this.oldest = 0;
    }
  }

  private offer(flow: Flow): void {
    for (const waiter of this.waiters) {
      try {
        if (!waiter.question.matches(flow)) continue;
        waiter.resolve(flow);
      } catch (error) {
        waiter.reject(error);
      }
      this.waiters.delete(waiter);
    }
  }

  private failure(question: FlowQuestion, when: string): TimeoutError {
    const open = new Set<Flow>();
    for (const { flow, counts } of this.kept.values()) if (!counts) open.add(flow);
    return new TimeoutError(question.explain(this.all, open, this.seen, when));
  }
}

function bound(name: string, given: unknown): number {
  if (typeof given === 'number' && given >= 0) return given;
  throw new OptionError(`${name} takes a number of at least 0, or Infinity`);
}

/** Bytes of bodies and messages of a flow. */
function bytesOf(flow: Flow): number {
  switch (flow.type) {
    case 'http': {
      const bodies = flow.request.rawLength + (flow.response?.rawLength ?? 0);
      return flow.websocket === undefined ? bodies : bodies + bytesIn(flow.websocket.messages);
    }
    case 'tcp':
    case 'udp':
      return bytesIn(flow.messages);
    case 'dns':
      return 0;
  }
}

function bytesIn(messages: readonly { readonly content: Buffer }[]): number {
  let bytes = 0;
  for (const { content } of messages) bytes += content.length;
  return bytes;
}
