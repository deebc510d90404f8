import type { Flow } from '../flow/flow.js';
import type { Addon } from './addon.js';
import type { HookName } from './hook-table.js';

/** A function of an addon that was called, and has returned a promise. */
export interface HookCall {
  readonly addon: Addon;
  readonly hook: HookName;
  /** What it was told of: a flow, for instance. */
  readonly subject: unknown;
}

/** An addon that waits for others, and itself tells the log of those that take long. */
export interface NamingAddon {
  readonly namesWhatItWaitsFor: true;
}

/** How long is waited for addons, and for people. */
export interface HookPatience {
  /** Is told of every call that is waited for; `settling` settles when it is over. */
  watch(call: HookCall, settling: Promise<unknown>): void;
  /** Waits for a call, or less long. `settling` never rejects. */
  forAddon(call: HookCall, settling: Promise<void>): Promise<void>;
  /** Waits until a flow is resumed or killed, or less long. */
  forResume(flow: Flow): Promise<void>;
}

/** Waits for ever. */
export const endless: HookPatience = {
  watch: () => undefined,
  forAddon: (_, settling) => settling,
  forResume: (flow) => flow.waitForResume(),
};
