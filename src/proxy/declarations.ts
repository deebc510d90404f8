/** What each addon has declared: options and commands. They go when it goes, unless another takes its place. */
import { checkDeclaration } from '../options/check-declaration.js';
import type { Option } from '../options/define.js';
import type { Addon } from './hooks/addon.js';
import { checkCommand } from './hooks/check-command.js';
import type { Command } from './hooks/command.js';
import type { Commands } from './hooks/commands.js';
import { nameOf } from './hooks/hooks.js';
import type { Loader } from './hooks/loader.js';
import type { OptionStore } from './option-store.js';

/** The declarations of one addon, by name. */
interface Declared {
  readonly options: Map<string, Option>;
  readonly commands: Map<string, Command>;
}

type Kind = keyof Declared;

export class Declarations {
  private readonly byAddon = new Map<Addon, Declared>();

  constructor(
    private readonly store: OptionStore,
    private readonly commands: () => Commands,
  ) {}

  /**
   * What an addon may declare with.
   * @param former addons whose place it takes: it may declare what they have declared
   */
  loaderOf(addon: Addon, former: readonly Addon[] = []): Loader {
    const { store } = this;
    const own: Declared = { options: new Map(), commands: new Map() };
    this.byAddon.set(addon, own);
    // One that was given up may still be at it.
    const check = (): void => {
      if (this.byAddon.get(addon) !== own) throw new TypeError('the addon is not there any more');
    };
    return {
      addOption: (key, option) => {
        check();
        checkDeclaration(key, option, store.nameOf);
        if (this.isLeft('options', key, former)) store.exchange(key, option);
        else store.declare(key, option);
        own.options.set(key, option);
      },
      addCommand: (name, command) => {
        check();
        checkCommand(name, command);
        const commands = this.commands();
        if (this.isLeft('commands', name, former)) commands.forget(name);
        commands.declare(name, command);
        own.commands.set(name, command);
      },
    };
  }

  /**
   * Declares what stands in the tables of an addon.
   * @throws {TypeError} naming the addon, for a name that somebody else has taken, and for what declares no option
   */
  declareTables(addon: Addon, loader: Loader): void {
    try {
      for (const [key, option] of Object.entries(addon.options ?? {})) loader.addOption(key, option);
      for (const [name, command] of Object.entries(addon.commands ?? {})) loader.addCommand(name, command);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`addon ${nameOf(addon)}: ${error.message}`, { cause: error });
    }
  }

  /**
   * Takes away what addons have declared.
   * @param others addons that keep, or get back, what they have declared by the same names
   */
  forget(addons: readonly Addon[], others: readonly Addon[] = []): void {
    const { store } = this;
    const commands = this.commands();
    for (const addon of addons) {
      const declared = this.byAddon.get(addon);
      this.byAddon.delete(addon);
      for (const key of declared?.options.keys() ?? []) {
        const kept = this.among('options', key, others);
        if (kept === undefined) store.forget(key);
        else store.exchange(key, kept);
      }
      for (const name of declared?.commands.keys() ?? []) {
        const kept = this.among('commands', name, others);
        commands.forget(name);
        if (kept !== undefined) commands.declare(name, kept);
      }
    }
  }

  /** Whether a name was declared by addons that go, and by nobody since. */
  private isLeft(kind: Kind, name: string, former: readonly Addon[]): boolean {
    const owners = [...this.byAddon].filter(([, declared]) => declared[kind].has(name)).map(([addon]) => addon);
    return owners.length > 0 && owners.every((owner) => former.includes(owner));
  }

  private among<K extends Kind>(kind: K, name: string, addons: readonly Addon[]): DeclaredOf<K> | undefined {
    for (const addon of addons) {
      // A map of the kind holds what is of the kind.
      const found = this.byAddon.get(addon)?.[kind].get(name) as DeclaredOf<K> | undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

type DeclaredOf<K extends Kind> = K extends 'options' ? Option : Command;
