/** Calls what addons have for a hook, in their order. */
import { AddonError, isOwnError } from '../../errors.js';
import type { Flow } from '../flow/flow.js';
import type { Addon, AddonContext } from './addon.js';
import { endless } from './hook-patience.js';
import type { HookPatience } from './hook-patience.js';
import type { FlowHookName, FlowHookTable, HookName, HookTable } from './hook-table.js';
import type { StreamFilter } from '../message/message.js';
import { StreamGivers } from './stream-givers.js';

/** A function of an addon, bound to it. */
interface Listener {
  readonly addon: Addon;
  readonly call: (subject: unknown) => unknown;
}

/** Who is called for a hook. */
interface Round {
  readonly listeners: readonly Listener[];
  /** How many are called before a flow that was intercepted is held; the others see what became of it. */
  readonly beforeHold: number;
}

const nobody: Round = { listeners: [], beforeHold: 0 };

/** Hooks about the addon itself: they are called while it is idle, too. */
const lifeHooks: ReadonlySet<HookName> = new Set<HookName>(['load', 'configure', 'running', 'done']);

/** Hooks with which a flow begins: who keeps flows is told of it at once, whether it is held or not. */
const beginnings: ReadonlySet<HookName> = new Set<HookName>(['requestheaders', 'tcpStart', 'udpStart', 'dnsRequest']);

export class Hooks {
  private readonly addons: Addon[] = [];
  private idle = new Set<Addon>();
  /** Found when a hook is first called; forgotten when addons come, go, fall idle or wake up. */
  private readonly rounds = new Map<HookName, Round>();
  private readonly streams = new StreamGivers();
  /** Addons of which is known that they fail when they are told of the log. */
  private readonly deaf = new WeakSet<Addon>();

  constructor(
    private readonly context: AddonContext,
    private readonly patience: HookPatience = endless,
  ) {}

  /** The addons in their order. */
  get all(): readonly Addon[] {
    return this.addons;
  }

  /** Puts an addon behind the others, or before one of them. Calls nothing. It is not idle until {@link refresh}. */
  add(addon: Addon, before?: Addon): void {
    const at = before === undefined ? -1 : this.addons.indexOf(before);
    this.addons.splice(at === -1 ? this.addons.length : at, 0, addon);
    this.rounds.clear();
  }

  /** Takes an addon out. Calls nothing. Gives whether it was there. */
  remove(addon: Addon): boolean {
    const at = this.addons.indexOf(addon);
    if (at === -1) return false;
    this.addons.splice(at, 1);
    this.idle.delete(addon);
    this.rounds.clear();
    return true;
  }

  /** Asks the addons again which of them are idle: to be called when something has changed that they go by. */
  refresh(): void {
    const idle = new Set(this.addons.filter((addon) => this.saysIdle(addon)));
    if (idle.size === this.idle.size && [...idle].every((addon) => this.idle.has(addon))) return;
    this.idle = idle;
    this.rounds.clear();
  }

  /** Whether an addon had nothing to do when it was last asked. */
  isIdle(addon: Addon): boolean {
    return this.idle.has(addon);
  }

  /** Whether an addon may answer any request itself. */
  get keepServersAway(): boolean {
    return this.addons.some(({ keepsServersAway }) => keepsServersAway === true);
  }

  /** What addons are given. */
  get given(): AddonContext {
    return this.context;
  }

  /** Whether any addon has a function for a hook, and is not idle. */
  listens(hook: HookName): boolean {
    return this.roundOf(hook) !== nobody;
  }

  /**
   * Calls a hook. What an addon throws is logged.
   * @returns a promise only when an addon returned one; it never rejects
   */
  fire<H extends HookName>(hook: H, subject: HookTable[H]): void | Promise<void> {
    const { listeners } = this.roundOf(hook);
    return this.run(hook, listeners, 0, listeners.length, subject);
  }

  /**
   * As {@link fire}; a flow that was intercepted is then waited for until it is resumed or killed. Addons that keep
   * flows are called behind that.
   */
  fireFlow<H extends FlowHookName>(hook: H, flow: FlowHookTable[H] & HookTable[H]): void | Promise<void> {
    const { listeners, beforeHold } = this.roundOf(hook);
    const waiting = this.run(hook, listeners, 0, beforeHold, flow);
    if (waiting !== undefined || isHeld(flow)) return this.goOnHeld(hook, listeners, beforeHold, flow, waiting);
    const keeping = this.run(hook, listeners, beforeHold, listeners.length, flow);
    if (keeping !== undefined) return keeping.then(() => (isHeld(flow) ? this.patience.forResume(flow) : undefined));
    return isHeld(flow) ? this.patience.forResume(flow) : undefined;
  }

  /** As {@link fire}, of one addon. */
  tell<H extends HookName>(addon: Addon, hook: H, subject: HookTable[H]): void | Promise<void> {
    const listener = this.listenerOf(addon, hook);
    return listener === undefined ? undefined : this.call(hook, listener, subject);
  }

  /**
   * Calls a hook of one addon.
   * @throws what the addon threw, when it is meant for the user: OptionError, for instance
   * @throws {AddonError} for everything else that it threw
   */
  async fireOne<H extends HookName>(addon: Addon, hook: H, subject: HookTable[H]): Promise<void> {
    try {
      const returned = this.listenerOf(addon, hook)?.call(subject);
      if (!isPromise(returned)) return;
      const settling = Promise.resolve(returned);
      this.patience.watch({ addon, hook, subject }, settling);
      await settling;
    } catch (error) {
      throw isOwnError(error) ? error : this.failure(addon, hook, error);
    }
  }

  /** That a function for a body failed, which an addon gave. @param what it was the function of */
  streamFailure(filter: StreamFilter, what: string, cause: unknown): AddonError {
    const addon = this.streams.giverOf(filter);
    return new AddonError(addon === undefined ? 'unknown' : nameOf(addon), `the stream function of ${what}`, cause);
  }

  private run(
    hook: HookName,
    listeners: readonly Listener[],
    from: number,
    to: number,
    subject: unknown,
  ): void | Promise<void> {
    for (let i = from; i < to; i++) {
      // The index is below the length.
      const waiting = this.call(hook, listeners[i] as Listener, subject);
      if (waiting !== undefined) return this.goOn(hook, listeners.slice(i + 1, to), subject, waiting);
    }
    return undefined;
  }

  private async goOn(
    hook: HookName,
    listeners: readonly Listener[],
    subject: unknown,
    waiting: Promise<void>,
  ): Promise<void> {
    await waiting;
    for (const listener of listeners) await this.call(hook, listener, subject);
  }

  private async goOnHeld(
    hook: HookName,
    listeners: readonly Listener[],
    from: number,
    flow: Flow,
    waiting: void | Promise<void>,
  ): Promise<void> {
    await waiting;
    if (isHeld(flow)) await this.patience.forResume(flow);
    await this.run(hook, listeners, from, listeners.length, flow);
    if (isHeld(flow)) await this.patience.forResume(flow);
  }

  private call(hook: HookName, { addon, call }: Listener, subject: unknown): Promise<void> | undefined {
    try {
      const returned = call(subject);
      if (!isPromise(returned)) return undefined;
      const settling = Promise.resolve(returned).then(
        () => undefined,
        (error: unknown) => {
          this.report(addon, hook, error);
        },
      );
      const made = { addon, hook, subject };
      this.patience.watch(made, settling);
      return this.patience.forAddon(made, settling);
    } catch (error) {
      this.report(addon, hook, error);
      return undefined;
    }
  }

  private report(addon: Addon, hook: HookName | 'isIdle', error: unknown): void {
    const { log } = this.context;
    if (hook !== 'addLog') log.error(this.failure(addon, hook, error).message);
    else if (!this.deaf.has(addon)) {
      // It would be called for its own failure, and for that of this call.
      this.deaf.add(addon);
      log.errorUnheard(this.failure(addon, hook, error).message);
    }
  }

  private failure(addon: Addon, hook: string, cause: unknown): AddonError {
    return new AddonError(nameOf(addon), hook, cause);
  }

  private saysIdle(addon: Addon): boolean {
    try {
      return addon.isIdle?.(this.context) === true;
    } catch (error) {
      this.report(addon, 'isIdle', error);
      return false;
    }
  }

  private roundOf(hook: HookName): Round {
    const known = this.rounds.get(hook);
    if (known !== undefined) return known;
    const round = this.collect(hook);
    this.rounds.set(hook, round);
    return round;
  }

  private collect(hook: HookName): Round {
    const isCalled = (addon: Addon): boolean => lifeHooks.has(hook) || !this.idle.has(addon);
    const all = this.addons.filter(isCalled).flatMap((addon) => this.listenerOf(addon, hook) ?? []);
    if (all.length === 0) return nobody;
    const keeping = all.filter(({ addon }) => addon.keepsFlows === true);
    const listeners = [...all.filter((listener) => !keeping.includes(listener)), ...keeping];
    const beforeHold = beginnings.has(hook) ? all.length : all.length - keeping.length;
    return { listeners, beforeHold };
  }

  private listenerOf(addon: Addon, hook: HookName): Listener | undefined {
    const found = addon[hook];
    if (typeof found !== 'function') return undefined;
    // The table types each subject by its hook; one list holds them all.
    const call = (subject: unknown): unknown => found.call(addon, subject as never, this.context);
    return { addon, call: this.streams.watch(hook, addon, call) };
  }
}

/** Not a property that is looked at: whoever is called in between may change it. */
function isHeld({ intercepted }: Flow): boolean {
  return intercepted;
}

/** What the log calls an addon. */
export function nameOf(addon: Addon): string {
  return addon.name ?? (addon.constructor === Object ? 'addon' : addon.constructor.name);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
