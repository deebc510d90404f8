import { TimeoutError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import { onAbort } from '../net/on-abort.js';
import { compileFilter } from './filter/filter.js';
import { BaseFlow } from './flow/base-flow.js';
import type { Flow } from './flow/flow.js';
import { flowName } from './flow-name.js';
import { FlowQuestion } from './flow-question.js';
import type { Log } from './hooks/log.js';

/** A flow, several, or those that match a filter expression. */
export type FlowChoice = Flow | readonly Flow[] | string;

/** Milliseconds that one waits for a flow, unless told otherwise. */
const defaultPatience = 5_000;

/** Flows that are held at most: clients that leave would otherwise fill the memory while nobody looks. */
const mostHeld = 10_000;

/** What the holding of flows needs of the proxy. */
export interface HeldFlowsPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the proxy stops: every flow goes on then. */
  readonly signal: AbortSignal;
  /** The flows that passed and are kept, those under way among them. */
  readonly flows: () => readonly Flow[];
  /** Tells the addons that flows were changed. */
  readonly update: (flows: readonly Flow[]) => void;
}

/** Somebody who waits for a flow that is held. */
interface Waiter {
  readonly matches: (flow: Flow) => boolean;
  readonly resolve: (flow: Flow) => void;
}

/**
 * The flows that are held: nothing of them is sent on until they are resumed, and what they are changed to meanwhile is
 * what is sent. Whenever a flow is held, and when it is let go, the hook `update` is called.
 */
export class HeldFlows {
  private readonly flows = new Set<Flow>();
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly ports: HeldFlowsPorts) {
    // Nobody comes to let them go then.
    onAbort(ports.signal, () => {
      for (const flow of this.flows) flow.resume();
    });
  }

  /**
   * The flows that are held, in the order in which they were.
   * @param filter an expression that they match
   * @throws {FilterError} when it is not valid
   */
  list(filter?: string): Flow[] {
    // Those that were resumed just now go on in this turn of the event loop.
    return matching(
      [...this.flows].filter(({ intercepted }) => intercepted),
      filter,
    );
  }

  /**
   * The first flow that is held and matches: one that is there, or the first to come.
   * @param timeout milliseconds
   * @throws {FilterError} when the expression is not valid
   * @throws {TimeoutError} when there is none in time, or the proxy stops; it names the nearest flows
   */
  async waitFor(filter = '~all', timeout: number = defaultPatience): Promise<Flow> {
    const question = new FlowQuestion(filter);
    const found = this.list().find(question.matches);
    if (found !== undefined) return found;
    const { clock, signal } = this.ports;
    const failure = (when: string): TimeoutError => {
      const flows = this.ports.flows();
      return new TimeoutError(question.explain(flows, new Set(), flows.length, `and was held ${when}`));
    };
    const settled = new AbortController();
    let waiter: Waiter | undefined;
    let forget: (() => void) | undefined;
    try {
      return await new Promise<Flow>((resolve, reject) => {
        waiter = { matches: question.matches, resolve };
        this.waiters.add(waiter);
        forget = onAbort(signal, () => {
          reject(failure('before the proxy stopped'));
        });
        void clock.wait(timeout, settled.signal).then(() => {
          if (!settled.signal.aborted) reject(failure(`within ${String(timeout)} ms`));
        });
      });
    } finally {
      settled.abort('over');
      forget?.();
      if (waiter !== undefined) this.waiters.delete(waiter);
    }
  }

  /**
   * Has flows that are under way held behind the next hook of theirs.
   * @returns those that are under way, of those that were meant
   * @throws {FilterError} when an expression is not valid
   */
  hold(which: FlowChoice): Flow[] {
    const chosen = this.choose(which, () => this.ports.flows()).filter(({ live }) => live);
    return this.change(chosen, (flow) => {
      flow.intercept();
    });
  }

  /**
   * Lets flows go on.
   * @param which all, when absent
   * @returns those that were held, of those that were meant
   * @throws {FilterError} when an expression is not valid
   */
  resume(which: FlowChoice = this.list()): Flow[] {
    const chosen = this.choose(which, () => this.list()).filter(({ intercepted }) => intercepted);
    return this.change(chosen, (flow) => {
      flow.resume();
    });
  }

  /**
   * Ends flows: nothing more of them is sent on. Not only those that are held, when one says which.
   * @param which all that are held, when absent
   * @returns those that were under way, of those that were meant
   * @throws {FilterError} when an expression is not valid
   */
  kill(which: FlowChoice = this.list()): Flow[] {
    const chosen = this.choose(which, () => this.ports.flows()).filter(({ killable }) => killable);
    const now = this.ports.clock.now() / 1000;
    return this.change(chosen, (flow) => {
      flow.kill(now);
    });
  }

  /** Waits until a flow is let go: this is what holds it. */
  async untilResumed(flow: Flow): Promise<void> {
    const { signal, update } = this.ports;
    if (signal.aborted) {
      flow.resume();
      return;
    }
    this.flows.add(flow);
    this.letOldestGo();
    for (const waiter of this.waiters) if (waiter.matches(flow)) waiter.resolve(flow);
    update([flow]);
    await flow.waitForResume();
    // It may be held again already, or have been held in two places.
    if (flow.intercepted) return;
    if (this.flows.delete(flow)) update([flow]);
  }

  private letOldestGo(): void {
    if (this.flows.size <= mostHeld) return;
    const [oldest] = this.flows;
    if (oldest === undefined) return;
    this.flows.delete(oldest);
    const { clock, log } = this.ports;
    log.warn(`${flowName(oldest)} was killed: more than ${String(mostHeld)} flows are held`);
    if (oldest.killable) oldest.kill(clock.now() / 1000);
    else oldest.resume();
  }

  private choose(which: FlowChoice, among: () => readonly Flow[]): readonly Flow[] {
    if (typeof which === 'string') return matching(among(), which);
    // Types do not bind JavaScript.
    const flows: readonly unknown[] = Array.isArray(which) ? (which as readonly unknown[]) : [which];
    if (flows.every((flow) => flow instanceof BaseFlow)) return flows as unknown as readonly Flow[];
    throw new TypeError('flows are chosen by a filter expression, or are one flow or a list of them');
  }

  private change(flows: readonly Flow[], act: (flow: Flow) => void): Flow[] {
    for (const flow of flows) act(flow);
    // Of those that wait it is told when they go on.
    const others = flows.filter((flow) => !this.flows.has(flow));
    if (others.length > 0) this.ports.update(others);
    return [...flows];
  }
}

function matching(flows: readonly Flow[], filter: string | undefined): Flow[] {
  const matches = filter === undefined ? undefined : compileFilter(filter);
  return matches === undefined ? [...flows] : flows.filter((flow) => matches(flow));
}
