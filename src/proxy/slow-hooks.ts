/** Notices calls of addons that take long, and tells the log. */
import type { Clock } from '../net/clock.js';
import { BaseFlow } from './flow/base-flow.js';
import type { Flow } from './flow/flow.js';
import { flowName } from './flow-name.js';
import type { Addon } from './hooks/addon.js';
import type { HookCall } from './hooks/hook-patience.js';
import type { HookName } from './hooks/hook-table.js';
import { nameOf } from './hooks/hooks.js';
import type { Log } from './hooks/log.js';

/** Milliseconds that a call may take before somebody is told. */
const patience = 10_000;

/** A call that is waited for. */
interface Pending {
  readonly call: HookCall;
  /** In milliseconds since 1970. */
  readonly since: number;
  /** Whether it has taken long. */
  isLate: boolean;
}

/**
 * Has one timer, however many calls there are, and none while there are none. Of each hook of an addon one warning is
 * written; that calls settle after all is told to those who want every line.
 */
export class SlowHooks {
  /** In the order in which they began. */
  private readonly pending = new Set<Pending>();
  private readonly told = new WeakMap<Addon, Set<HookName>>();
  private isWatching = false;

  /** @param signal ends the watch */
  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly signal: AbortSignal,
  ) {}

  /** Watches a call until it settles. */
  watch(call: HookCall, settling: Promise<unknown>): void {
    const pending = { call, since: this.clock.now(), isLate: false };
    this.pending.add(pending);
    const end = (): void => {
      this.pending.delete(pending);
      if (pending.isLate) this.tellEnd(pending);
    };
    settling.then(end, end);
    if (!this.isWatching) void this.sweep();
  }

  private async sweep(): Promise<void> {
    const { clock, signal } = this;
    this.isWatching = true;
    for (;;) {
      const [oldest] = this.pending;
      if (oldest === undefined || signal.aborted) break;
      const left = oldest.since + patience - clock.now();
      if (left > 0) {
        await clock.wait(left, signal);
        continue;
      }
      this.pending.delete(oldest);
      oldest.isLate = true;
      this.tell(oldest.call);
    }
    this.isWatching = false;
  }

  private tell(call: HookCall): void {
    const { addon, hook, subject } = call;
    if ('namesWhatItWaitsFor' in addon) return;
    const hooks = this.told.get(addon) ?? new Set();
    if (hooks.has(hook)) return;
    this.told.set(addon, hooks.add(hook));
    const waits = subject instanceof BaseFlow ? 'that flow waits for it' : 'it is waited for';
    this.log.warn(`addon ${nameOf(addon)} has not finished ${callText(call)} after ${secondsText(patience)}: ${waits}`);
  }

  private tellEnd({ call, since }: Pending): void {
    // An addon that takes as long to read this line would be told of itself for ever.
    if (call.hook === 'addLog') return;
    const taken = secondsText(this.clock.now() - since);
    this.log.debug(`addon ${nameOf(call.addon)} has finished ${callText(call)} after ${taken}`);
  }
}

/** `response of GET http://a.test/`, or the name of the hook alone when that is about no flow. */
export function callText({ hook, subject }: HookCall): string {
  // Whatever extends BaseFlow is one of the flows.
  return subject instanceof BaseFlow ? `${hook} of ${flowName(subject as Flow)}` : hook;
}

function secondsText(ms: number): string {
  return `${String(Math.round(ms / 100) / 10)} s`;
}
