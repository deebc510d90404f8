import type { Clock } from '../net/clock.js';
import { unlessAborted } from '../net/unless-aborted.js';
import type { HeldFlows } from './held-flows.js';
import type { Flow } from './flow/flow.js';
import type { Addon } from './hooks/addon.js';
import type { HookCall, HookPatience } from './hooks/hook-patience.js';
import { nameOf } from './hooks/hooks.js';
import type { Log } from './hooks/log.js';
import { callText, SlowHooks } from './slow-hooks.js';

/** Milliseconds that an addon has to finish what it is called for once the proxy stops. */
const closingPatience = 10_000;

/**
 * How long a proxy waits. What was begun before it stops is not waited for then. What is called while it stops is the
 * end of something: that a recording is written is waited for, but not for ever.
 */
export class ProxyPatience implements HookPatience {
  private readonly slow: SlowHooks;
  /** Those that took longer while the proxy stopped: they are not waited for again. */
  private readonly late = new WeakSet<Addon>();

  /** @param signal aborts when the proxy stops */
  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly signal: AbortSignal,
    private readonly held: HeldFlows,
  ) {
    this.slow = new SlowHooks(clock, log, signal);
  }

  watch(call: HookCall, settling: Promise<unknown>): void {
    if (!this.signal.aborted) this.slow.watch(call, settling);
  }

  forAddon(call: HookCall, settling: Promise<void>): Promise<void> {
    return this.signal.aborted ? this.atLast(call, settling) : unlessAborted(settling, this.signal);
  }

  forResume(flow: Flow): Promise<void> {
    return this.held.untilResumed(flow);
  }

  private async atLast(call: HookCall, settling: Promise<void>): Promise<void> {
    if (this.late.has(call.addon)) return;
    const settled = new AbortController();
    const late = this.clock.wait(closingPatience, settled.signal).then(() => {
      if (settled.signal.aborted || this.late.has(call.addon)) return;
      this.late.add(call.addon);
      const seconds = String(closingPatience / 1000);
      this.log.warn(
        `addon ${nameOf(call.addon)} had not finished ${callText(call)} ${seconds} s after the proxy was stopped`,
      );
    });
    await Promise.race([settling, late]);
    settled.abort('over');
  }
}
