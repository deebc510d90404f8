/** Calls what addons have for a hook, in their order. */
import { AddonError, isOwnError } from '../../errors.js';
import type { Flow } from '../flow/flow.js';
import type { Addon, AddonContext } from './addon.js';
import { hookNames } from './hook-table.js';
import type { FlowHookName, FlowHookTable, HookName, HookTable } from './hook-table.js';

/** A function of an addon, bound to it. */
interface Listener {
  readonly addon: Addon;
  readonly call: (subject: unknown) => unknown;
}

const nobody: readonly Listener[] = [];

/** How long is waited. Each gives a promise that settles with the one that it is given, or before. */
export interface HookPatience {
  /** For addons that returned a promise. */
  forAddon(waiting: Promise<void>): Promise<void>;
  /** For somebody to resume a flow. */
  forResume(waiting: Promise<void>): Promise<void>;
}

const endless: HookPatience = { forAddon: (waiting) => waiting, forResume: (waiting) => waiting };

export class Hooks {
  private readonly addons: Addon[] = [];
  private readonly listeners = new Map<HookName, readonly Listener[]>();

  constructor(
    private readonly context: AddonContext,
    private readonly patience: HookPatience = endless,
  ) {}

  /** The addons in their order. */
  get all(): readonly Addon[] {
    return this.addons;
  }

  /** Puts an addon behind the others, or before one of them. Calls nothing. */
  add(addon: Addon, before?: Addon): void {
    const at = before === undefined ? -1 : this.addons.indexOf(before);
    this.addons.splice(at === -1 ? this.addons.length : at, 0, addon);
    this.collect();
  }

  /** Takes an addon out. Calls nothing. Gives whether it was there. */
  remove(addon: Addon): boolean {
    const at = this.addons.indexOf(addon);
    if (at === -1) return false;
    this.addons.splice(at, 1);
    this.collect();
    return true;
  }

  /** Whether an addon may answer any request itself. */
  get keepServersAway(): boolean {
    return this.addons.some(({ keepsServersAway }) => keepsServersAway === true);
  }

  /** What addons are given. */
  get given(): AddonContext {
    return this.context;
  }

  /** Whether any addon has a function for a hook. */
  listens(hook: HookName): boolean {
    return this.listeners.has(hook);
  }

  /**
   * Calls a hook. What an addon throws is logged.
   * @returns a promise only when an addon returned one; it never rejects
   */
  fire<H extends HookName>(hook: H, subject: HookTable[H]): void | Promise<void> {
    const listeners = this.listeners.get(hook);
    if (listeners === undefined) return undefined;
    for (let i = 0; i < listeners.length; i++) {
      // The index is below the length.
      const waiting = this.call(hook, listeners[i] as Listener, subject);
      if (waiting !== undefined) return this.patience.forAddon(this.goOn(hook, listeners, i + 1, subject, waiting));
    }
    return undefined;
  }

  /** As {@link fire}; a flow that was intercepted is then waited for until it is resumed or killed. */
  fireFlow<H extends FlowHookName>(hook: H, flow: FlowHookTable[H] & HookTable[H]): void | Promise<void> {
    const waiting = this.fire(hook, flow);
    if (waiting !== undefined) return waiting.then(() => (flow.intercepted ? this.held(flow) : undefined));
    return flow.intercepted ? this.held(flow) : undefined;
  }

  /**
   * Calls a hook of one addon.
   * @throws what the addon threw, when it is meant for the user: OptionError, for instance
   * @throws {AddonError} for everything else that it threw
   */
  async fireOne<H extends HookName>(addon: Addon, hook: H, subject: HookTable[H]): Promise<void> {
    try {
      for (const { call } of this.listenerOf(addon, hook)) await call(subject);
    } catch (error) {
      throw isOwnError(error) ? error : this.failure(addon, hook, error);
    }
  }

  private held(flow: Flow): Promise<void> {
    return this.patience.forResume(flow.waitForResume());
  }

  private async goOn<H extends HookName>(
    hook: H,
    listeners: readonly Listener[],
    from: number,
    subject: HookTable[H],
    waiting: Promise<void>,
  ): Promise<void> {
    await waiting;
    for (const listener of listeners.slice(from)) await this.call(hook, listener, subject);
  }

  private call(hook: HookName, { addon, call }: Listener, subject: unknown): Promise<void> | undefined {
    try {
      const returned = call(subject);
      if (!isPromise(returned)) return undefined;
      return Promise.resolve(returned).then(
        () => undefined,
        (error: unknown) => {
          this.report(addon, hook, error);
        },
      );
    } catch (error) {
      this.report(addon, hook, error);
      return undefined;
    }
  }

  private report(addon: Addon, hook: HookName, error: unknown): void {
    // An addon that listens to the log and fails there would be called for its own failure.
    if (hook !== 'addLog') this.context.log.error(this.failure(addon, hook, error).message);
  }

  private failure(addon: Addon, hook: HookName, cause: unknown): AddonError {
    return new AddonError(nameOf(addon), hook, cause);
  }

  private collect(): void {
    for (const hook of hookNames) {
      const found = this.addons.flatMap((addon) => this.listenerOf(addon, hook));
      if (found.length > 0) this.listeners.set(hook, found);
      else this.listeners.delete(hook);
    }
  }

  private listenerOf(addon: Addon, hook: HookName): readonly Listener[] {
    const found = addon[hook];
    if (typeof found !== 'function') return nobody;
    // The table types each subject by its hook; one list holds them all.
    const call = (subject: unknown): unknown => found.call(addon, subject as never, this.context);
    return [{ addon, call }];
  }
}

/** What the log calls an addon. */
export function nameOf(addon: Addon): string {
  return addon.name ?? (addon.constructor === Object ? 'addon' : addon.constructor.name);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
