/** Adds addons and removes them, and tells them of options: the part of their life that is not traffic. */
import { AddonError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import { onAbort } from '../net/on-abort.js';
import type { OptionNaming } from '../options/check.js';
import { nearest } from '../options/suggest.js';
import { Declarations } from './declarations.js';
import type { Addon } from './hooks/addon.js';
import type { AddonPlace } from './hooks/addon-port.js';
import { hookNames } from './hooks/hook-table.js';
import { nameOf } from './hooks/hooks.js';
import type { Hooks } from './hooks/hooks.js';
import type { Loader } from './hooks/loader.js';
import type { OptionStore } from './option-store.js';

/** Milliseconds that addons have for `running` before clients are served. */
const startingPatience = 10_000;

/** Milliseconds that they still have when the start is ended. */
const endingPatience = 1_000;

export class AddonHost {
  private isRunning = false;
  /** The changes of options that are under way. */
  private updates: Promise<void> = Promise.resolve();
  private readonly declarations: Declarations;

  constructor(
    private readonly hooks: Hooks,
    private readonly store: OptionStore,
  ) {
    this.declarations = new Declarations(store, () => hooks.given.commands);
    hooks.given.commands.onCalled(() => {
      hooks.refresh();
    });
  }

  /**
   * Adds addons in their order, as {@link add} does. The options and commands in the tables of all of them are there
   * before the first is loaded.
   * @throws as {@link add}
   */
  async addAll(addons: readonly Addon[]): Promise<void> {
    const loaders = addons.map((addon) => {
      checkAddon(addon);
      const loader = this.declarations.loaderOf(addon);
      this.declarations.declareTables(addon, loader);
      return loader;
    });
    for (const [index, addon] of addons.entries()) {
      this.checkNew(addon);
      // There is one for each.
      await this.load(addon, loaders[index] as Loader);
    }
  }

  /**
   * Adds an addon. It sees the traffic from now on, and is told of the options and, when the proxy runs, of that.
   * @param before the addon to go before; otherwise it goes behind all
   * @throws {OptionError} when it refuses the options
   * @throws {AddonError} when it fails; it is not added then
   * @throws {TypeError} when it is no addon, or there already, or brings an option that there is
   */
  async add(addon: Addon, before?: Addon): Promise<void> {
    checkAddon(addon);
    this.checkNew(addon);
    const loader = this.declarations.loaderOf(addon);
    try {
      this.declarations.declareTables(addon, loader);
    } catch (error) {
      this.declarations.forget([addon]);
      throw error;
    }
    await this.load(addon, loader, before);
  }

  private async load(addon: Addon, loader: Loader, before?: Addon): Promise<void> {
    const { hooks, store } = this;
    try {
      hooks.add(addon, before);
      await hooks.fireOne(addon, 'load', loader);
      await hooks.fireOne(addon, 'configure', new Set(store.keys));
      hooks.refresh();
      if (this.isRunning) await hooks.fireOne(addon, 'running', undefined);
    } catch (error) {
      this.forget(addon);
      throw error;
    }
  }

  /** As {@link AddonPort} says. */
  async replace(place: AddonPlace, next: readonly Addon[], behind: () => Addon, signal?: AbortSignal): Promise<void> {
    const { hooks, declarations } = this;
    const former = place.addons;
    // Nothing is waited for until all stand in their places.
    await this.loadAll(next, former, signal, () => {
      const before = this.successor(former.at(-1) ?? behind());
      for (const addon of next) hooks.add(addon, before);
      for (const addon of former) hooks.remove(addon);
      declarations.forget(former, next);
      place.addons = next;
      hooks.refresh();
    });
    // They have no say in what happens: what they throw is logged.
    for (const addon of former) await hooks.tell(addon, 'done', undefined);
    if (this.isRunning) for (const addon of next) await hooks.tell(addon, 'running', undefined);
  }

  /** Loads addons that are to take the place of others. @param ready called at once when nothing is in the way */
  private async loadAll(
    next: readonly Addon[],
    former: readonly Addon[],
    signal: AbortSignal | undefined,
    ready: () => void,
  ): Promise<void> {
    const { hooks, store, declarations } = this;
    const begun: Addon[] = [];
    const loaded: Addon[] = [];
    const undo = async (): Promise<void> => {
      declarations.forget(begun, former);
      // Those that have failed to load have nothing to end.
      for (const addon of loaded.splice(0)) await hooks.tell(addon, 'done', undefined);
    };
    const settle = onAbort(signal, () => void undo());
    try {
      for (const addon of next) {
        checkAddon(addon);
        const loader = declarations.loaderOf(addon, former);
        begun.push(addon);
        declarations.declareTables(addon, loader);
        await hooks.fireOne(addon, 'load', loader);
        loaded.push(addon);
        signal?.throwIfAborted();
        await hooks.fireOne(addon, 'configure', new Set(store.keys));
        signal?.throwIfAborted();
      }
      ready();
    } catch (error) {
      await undo();
      throw error;
    } finally {
      settle();
    }
  }

  /** As {@link AddonPort} says. */
  arrange(addons: readonly Addon[], behind: Addon): void {
    for (const addon of addons) this.hooks.remove(addon);
    const before = this.successor(behind);
    for (const addon of addons) this.hooks.add(addon, before);
    this.hooks.refresh();
  }

  private checkNew(addon: Addon): void {
    if (this.hooks.all.includes(addon)) throw new TypeError('the addon was added before');
  }

  private successor(addon: Addon): Addon | undefined {
    const { all } = this.hooks;
    const at = all.indexOf(addon);
    return at === -1 ? undefined : all[at + 1];
  }

  /**
   * Removes an addon and calls its `done`.
   * @throws {AddonError} when that fails; it is removed all the same
   */
  async remove(addon: Addon): Promise<void> {
    if (!this.forget(addon)) return;
    await this.hooks.fireOne(addon, 'done', undefined);
  }

  /**
   * Changes options and tells all addons. One change comes after the other. Options that scripts of the same change are
   * to declare may be among them.
   * @param nameOf what errors call an option
   * @throws {OptionError} when a value is not valid or an addon refuses it: everything is as before then
   */
  update(changes: Readonly<Record<string, unknown>>, nameOf?: OptionNaming): Promise<ReadonlySet<string>> {
    const updating = this.updates.then(() => this.change(changes, nameOf));
    this.updates = updating.then(nothing, nothing);
    return updating;
  }

  private async change(
    changes: Readonly<Record<string, unknown>>,
    nameOf?: OptionNaming,
  ): Promise<ReadonlySet<string>> {
    // Types do not bind JavaScript.
    const given: unknown = changes;
    if (typeof given !== 'object' || given === null) throw new TypeError('options are changed by an object, by key');
    const { updated, undo } = this.store.update(changes, 'scripts' in changes, nameOf);
    const told: Addon[] = [];
    try {
      // Those that are added meanwhile are told of everything, and those that are removed of nothing more.
      for (const addon of updated.size === 0 ? [] : [...this.hooks.all]) {
        if (!this.hooks.all.includes(addon)) continue;
        told.push(addon);
        await this.hooks.fireOne(addon, 'configure', updated);
      }
      this.store.checkDeclared(Object.keys(changes), nameOf);
    } catch (error) {
      undo();
      // Back to what they took before; an addon that refuses even that has nothing to add to the first reason.
      for (const addon of told) await this.hooks.fireOne(addon, 'configure', updated).catch(() => undefined);
      throw error;
    } finally {
      this.hooks.refresh();
    }
    return updated;
  }

  /**
   * Tells all addons that the proxy listens. None of them waits for another, and whoever serves waits for none that
   * takes long.
   * @param signal ends the start: what has begun has a second then
   * @throws {AddonError} when the signal has aborted and an addon has not finished
   */
  async run(clock: Clock, signal?: AbortSignal): Promise<void> {
    this.isRunning = true;
    const ready = new AbortController();
    const busy = new Set<Addon>();
    const told = [...this.hooks.all].map(async (addon) => {
      busy.add(addon);
      await this.hooks.tell(addon, 'running', undefined);
      busy.delete(addon);
    });
    const isLate = async (): Promise<void> => {
      const ended = signal === undefined ? ready.signal : AbortSignal.any([signal, ready.signal]);
      await clock.wait(startingPatience, ended);
      if (signal?.aborted === true) await clock.wait(endingPatience, ready.signal);
    };
    await Promise.race([Promise.all(told), isLate()]);
    ready.abort('ready');
    const [late] = busy;
    if (signal?.aborted === true && late !== undefined) {
      throw new AddonError(nameOf(late), 'running', 'it has not finished');
    }
  }

  /** Tells all addons that it is over. */
  async finish(): Promise<void> {
    this.isRunning = false;
    await this.hooks.fire('done', undefined);
  }

  private forget(addon: Addon): boolean {
    this.declarations.forget([addon]);
    return this.hooks.remove(addon);
  }
}

function nothing(): void {
  // Whoever wants a change learns what became of it.
}

/**
 * Types do not bind JavaScript.
 * @throws {TypeError} for what is no addon
 */
function checkAddon(addon: unknown): void {
  if (typeof addon !== 'object' || addon === null) {
    throw new TypeError(
      `an addon is an object with functions for hooks, not ${addon === null ? 'null' : typeof addon}`,
    );
  }
  for (const [key, value] of Object.entries(addon)) {
    if (isHook(key) && value !== undefined && typeof value !== 'function') {
      throw new TypeError(`the addon has something in ${key} that is no function`);
    }
    // Somebody who wrote functions for hooks, and one that is called by nobody, made a slip.
    const meant = typeof value === 'function' && !isHook(key) ? nearest(key, hookNames) : undefined;
    if (meant !== undefined) throw new TypeError(`there is no hook ${key}, did you mean ${meant}?`);
  }
}

function isHook(key: string): boolean {
  return hookNames.some((name) => name === key);
}
