/** Adds addons and removes them, and tells them of options: the part of their life that is not traffic. */
import { nearest } from '../options/suggest.js';
import type { Addon } from './hooks/addon.js';
import { hookNames } from './hooks/hook-table.js';
import type { Hooks } from './hooks/hooks.js';
import type { Loader } from './hooks/loader.js';
import type { OptionStore } from './option-store.js';

export class AddonHost {
  private isRunning = false;
  /** Options that each addon declared, by key. */
  private readonly declared = new Map<Addon, string[]>();
  /** Commands that each addon declared, by name. */
  private readonly commands = new Map<Addon, string[]>();

  constructor(
    private readonly hooks: Hooks,
    private readonly store: OptionStore,
  ) {}

  /**
   * Adds an addon. It sees the traffic from now on, and is told of the options and, when the proxy runs, of that.
   * @param before the addon to go before; otherwise it goes behind all
   * @throws {OptionError} when it refuses the options
   * @throws {AddonError} when it fails; it is not added then
   * @throws {TypeError} when it is no addon, or there already, or brings an option that there is
   */
  async add(addon: Addon, before?: Addon): Promise<void> {
    const { hooks, store } = this;
    checkAddon(addon);
    if (hooks.all.includes(addon)) throw new TypeError('the addon was added before');
    const keys: string[] = [];
    this.declared.set(addon, keys);
    const names: string[] = [];
    this.commands.set(addon, names);
    const loader: Loader = {
      addOption: (key, option) => {
        store.declare(key, option);
        keys.push(key);
      },
      addCommand: (name, command) => {
        hooks.given.commands.declare(name, command);
        names.push(name);
      },
    };
    try {
      for (const [key, option] of Object.entries(addon.options ?? {})) loader.addOption(key, option);
      for (const [name, command] of Object.entries(addon.commands ?? {})) loader.addCommand(name, command);
      hooks.add(addon, before);
      await hooks.fireOne(addon, 'load', loader);
      await hooks.fireOne(addon, 'configure', new Set(store.keys));
      if (this.isRunning) await hooks.fireOne(addon, 'running', undefined);
    } catch (error) {
      this.forget(addon);
      throw error;
    }
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
   * Changes options and tells all addons.
   * @throws {OptionError} when a value is not valid or an addon refuses it: everything is as before then
   */
  async update(changes: Readonly<Record<string, unknown>>): Promise<ReadonlySet<string>> {
    const { updated, undo } = this.store.update(changes);
    if (updated.size === 0) return updated;
    const told: Addon[] = [];
    try {
      for (const addon of this.hooks.all) {
        told.push(addon);
        await this.hooks.fireOne(addon, 'configure', updated);
      }
    } catch (error) {
      undo();
      // Back to what they took before; an addon that refuses even that has nothing to add to the first reason.
      for (const addon of told) await this.hooks.fireOne(addon, 'configure', updated).catch(() => undefined);
      throw error;
    }
    return updated;
  }

  /** Tells all addons that the proxy listens. */
  async run(): Promise<void> {
    this.isRunning = true;
    await this.hooks.fire('running', undefined);
  }

  /** Tells all addons that it is over. */
  async finish(): Promise<void> {
    this.isRunning = false;
    await this.hooks.fire('done', undefined);
  }

  private forget(addon: Addon): boolean {
    for (const key of this.declared.get(addon) ?? []) this.store.forget(key);
    this.declared.delete(addon);
    for (const name of this.commands.get(addon) ?? []) this.hooks.given.commands.forget(name);
    this.commands.delete(addon);
    return this.hooks.remove(addon);
  }
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
