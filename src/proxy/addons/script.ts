import { isError, isOwnError, OptionError, ScriptError } from '../../errors.js';
import { systemClock } from '../../net/clock.js';
import type { Clock } from '../../net/clock.js';
import type { OptionTable } from '../../options/define.js';
import type { Flow } from '../flow/flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { noAddons } from '../hooks/addon-port.js';
import type { AddonPlace, AddonPort } from '../hooks/addon-port.js';
import { defineCommand } from '../hooks/command.js';
import type { NamingAddon } from '../hooks/hook-patience.js';
import { hookNames } from '../hooks/hook-table.js';
import { Hooks } from '../hooks/hooks.js';
import { replayHooks } from '../replay-hooks.js';
import { fileVersion } from '../scripts/file-version.js';
import { findScript } from '../scripts/script-file.js';
import type { ScriptFile } from '../scripts/script-file.js';
import { ScriptWatch } from '../scripts/script-watch.js';
import { Turns } from '../turns.js';
import { ownOptions } from './own-options.js';

const table = {
  scripts: {
    type: 'list',
    short: 's',
    valueName: 'FILE',
    help: 'Load addons from this file, in TypeScript or JavaScript; again when it changes.',
  },
} as const satisfies OptionTable;

/** Milliseconds that a file may take to run before somebody is told. */
const patience = 10_000;

/** A script, and where its addons stand. */
interface RunningScript extends AddonPlace {
  readonly file: ScriptFile;
  /** The files that it is made of, by path, and the version of each that was loaded last. */
  files: Map<string, string>;
  /** Gives up the loading that began last. */
  loading: AbortController;
}

/** What scripts are run with. */
export interface ScriptPorts {
  readonly addons: AddonPort;
  readonly clock: Clock;
}

/** For whom nothing but the options of addons matters. */
const nowhere: ScriptPorts = { addons: noAddons, clock: systemClock };

/** Loads the addons of scripts, and loads them anew when their files change: the option `scripts`. */
export class Script implements Addon, NamingAddon {
  readonly name = 'script';
  readonly options = table;
  readonly commands = {
    'script.run': defineCommand(
      [
        { name: 'flows', type: 'flows' },
        { name: 'path', type: 'text' },
      ],
      'Run a script on flows: all hooks that they have been through are called. `load` is not.',
      (context, flows, path) => this.runOn(flows, path, context),
    ),
  };
  readonly namesWhatItWaitsFor = true;
  private readonly addons: AddonPort;
  private readonly clock: Clock;
  private readonly watch: ScriptWatch<RunningScript>;
  private readonly turns = new Turns();
  private readonly over = new AbortController();
  private scripts: readonly RunningScript[] = [];
  private context: AddonContext | undefined;

  constructor({ addons, clock }: ScriptPorts = nowhere) {
    this.addons = addons;
    this.clock = clock;
    this.watch = new ScriptWatch(
      clock,
      () => this.scripts,
      fileVersion,
      (script) => void this.reload(script),
    );
  }

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    this.context = context;
    if (!updated.has('scripts')) return;
    const { scripts } = ownOptions(table, context);
    if (scripts.length + this.scripts.length > 0) await this.turns.take(() => this.change(scripts, context));
  }

  /** What is being loaded is not waited for. */
  async done(): Promise<void> {
    this.over.abort();
    await this.watch.stop();
  }

  /** Those that stay are not loaded anew. Nothing is changed when one cannot be loaded. */
  private async change(specs: readonly string[], context: AddonContext): Promise<void> {
    const twice = specs.find((spec, index) => specs.indexOf(spec) !== index);
    if (twice !== undefined) throw new OptionError(`script ${twice} was given twice`);
    const opened: RunningScript[] = [];
    const running: RunningScript[] = [];
    try {
      for (const spec of specs) {
        let script = this.scripts.find(({ file }) => file.spec === spec);
        if (script === undefined) {
          script = await this.open(findScript(spec), () => lastOf(running) ?? this, context);
          opened.push(script);
        }
        running.push(script);
      }
    } catch (error) {
      for (const script of opened) await this.remove(script);
      throw error;
    }
    const gone = this.scripts.filter((script) => !running.includes(script));
    this.scripts = running;
    for (const script of gone) await this.remove(script);
    this.addons.arrange(
      running.flatMap(({ addons }) => addons),
      this,
    );
    this.watch.start();
  }

  private async open(file: ScriptFile, behind: () => Addon, context: AddonContext): Promise<RunningScript> {
    if (file.words.length > 0) {
      context.log.warn(
        `-s "FILE ARGUMENTS" is of mitmproxy 1.0: today a script declares options, and ${file.name} gets them by --set`,
      );
    }
    const script = { file, addons: [], files: new Map<string, string>(), loading: new AbortController() };
    await this.put(script, behind, context);
    return script;
  }

  private async remove(script: RunningScript): Promise<void> {
    script.loading.abort();
    await this.addons.replace(script, [], () => this);
  }

  /**
   * The version before goes on until the new one is ready, and when that cannot be loaded. One that is being loaded is
   * given up.
   */
  private async reload(script: RunningScript): Promise<void> {
    const { context } = this;
    if (context === undefined) return;
    script.loading.abort();
    script.loading = new AbortController();
    script.files = new Map();
    const { scripts } = this;
    const behind = (): Addon => lastOf(scripts.slice(0, scripts.indexOf(script))) ?? this;
    try {
      await this.put(script, behind, context);
    } catch (error) {
      // Whatever `put` throws is one.
      context.log.error(`${(error as Error).message}; the version before goes on`);
    }
  }

  /**
   * Loads a script, and lets what it brings have its place, unless it is given up.
   * @throws {ScriptError} when it cannot be run, and for what is no error of ours: an option that somebody else has
   * @throws what an addon throws while it is loaded
   */
  private async put(script: RunningScript, behind: () => Addon, context: AddonContext): Promise<void> {
    const { file, files, loading } = script;
    const signal = AbortSignal.any([loading.signal, this.over.signal]);
    try {
      const addons = await this.runFile(file, files, context, signal);
      if (!signal.aborted) await this.addons.replace(script, addons, behind, signal);
    } catch (error) {
      if (signal.aborted) return;
      // Where it was found out matters to nobody.
      throw isOwnError(error) ? error : new ScriptError(file.spec, isError(error) ? error.message : error);
    }
  }

  /** Runs a file. Says so when that takes long: what it waits for outside functions may never come. */
  private async runFile(
    file: ScriptFile,
    files: Map<string, string>,
    context: AddonContext,
    signal: AbortSignal,
  ): Promise<readonly Addon[]> {
    const { log } = context;
    log.info(`Loading script ${file.spec}`);
    const settled = new AbortController();
    const over = AbortSignal.any([signal, settled.signal]);
    void this.clock.wait(patience, over).then(() => {
      if (over.aborted) return;
      const seconds = String(patience / 1000);
      log.warn(
        `script ${file.spec} has not finished loading after ${seconds} s: it waits for something outside functions`,
      );
    });
    try {
      // Late: nobody waits for a loader who has no scripts.
      const { loadScript } = await import('../scripts/load-script.js');
      const addons = await loadScript(file, context, files);
      if (!signal.aborted && addons.every(isIdle)) log.warn(`script ${file.spec} has no function for any hook`);
      return addons;
    } finally {
      settled.abort('over');
    }
  }

  private async runOn(flows: readonly Flow[], path: string, context: AddonContext): Promise<void> {
    const addons = await this.runFile(findScript(path), new Map(), context, this.over.signal);
    const hooks = new Hooks(context);
    for (const addon of addons) hooks.add(addon);
    await hooks.fire('configure', new Set(Object.keys(context.options)));
    await hooks.fire('running', undefined);
    for (const flow of flows) await replayHooks(flow, (hook, subject) => hooks.fire(hook, subject));
    await hooks.fire('done', undefined);
  }
}

/** The last addon of scripts, if they bring any. */
function lastOf(scripts: readonly RunningScript[]): Addon | undefined {
  return scripts.flatMap(({ addons }) => addons).at(-1);
}

function isIdle(addon: Addon): boolean {
  const { options, commands } = addon;
  return options === undefined && commands === undefined && !hookNames.some((hook) => hook in addon);
}
