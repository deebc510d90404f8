import { isError, isOwnError, OptionError, ScriptError } from '../../errors.js';
import { systemClock } from '../../net/clock.js';
import type { Clock } from '../../net/clock.js';
import type { OptionTable } from '../../options/define.js';
import type { Flow } from '../flow/flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { noAddons } from '../hooks/addon-port.js';
import type { AddonPort } from '../hooks/addon-port.js';
import { defineCommand } from '../hooks/command.js';
import { hookNames } from '../hooks/hook-table.js';
import { Hooks } from '../hooks/hooks.js';
import { replayHooks } from '../replay-hooks.js';
import type { LoadedScript } from '../scripts/load-script.js';
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

/** A script whose addons see the traffic. */
interface RunningScript {
  readonly file: ScriptFile;
  addons: readonly Addon[];
  /** The files that it is made of, by path, and the version of each that was loaded last. */
  files: ReadonlyMap<string, string>;
}

/** What scripts are run with. */
export interface ScriptPorts {
  readonly addons: AddonPort;
  readonly clock: Clock;
}

/** For whom nothing but the options of addons matters. */
const nowhere: ScriptPorts = { addons: noAddons, clock: systemClock };

/** Loads the addons of scripts, and loads them anew when their files change: the option `scripts`. */
export class Script implements Addon {
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
  private readonly addons: AddonPort;
  private readonly watch: ScriptWatch<RunningScript>;
  private readonly turns = new Turns();
  private scripts: readonly RunningScript[] = [];
  private context: AddonContext | undefined;

  constructor({ addons, clock }: ScriptPorts = nowhere) {
    this.addons = addons;
    this.watch = new ScriptWatch(
      clock,
      () => this.scripts,
      fileVersion,
      async (script) => {
        await this.turns.take(() => this.reload(script));
      },
    );
  }

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    this.context = context;
    if (!updated.has('scripts')) return;
    const { scripts } = ownOptions(table, context);
    if (scripts.length + this.scripts.length > 0) await this.turns.take(() => this.change(scripts, context));
  }

  async done(): Promise<void> {
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
          script = await this.open(findScript(spec), running.at(-1)?.addons.at(-1) ?? this, context);
          opened.push(script);
        }
        running.push(script);
      }
    } catch (error) {
      for (const { addons } of opened) await this.addons.replace(addons, [], this);
      throw error;
    }
    const gone = this.scripts.filter((script) => !running.includes(script));
    this.scripts = running;
    for (const { addons } of gone) await this.addons.replace(addons, [], this);
    this.addons.arrange(
      running.flatMap(({ addons }) => addons),
      this,
    );
    this.watch.start();
  }

  private async open(file: ScriptFile, behind: Addon, context: AddonContext): Promise<RunningScript> {
    if (file.words.length > 0) {
      context.log.warn(
        `-s "FILE ARGUMENTS" is of mitmproxy 1.0: today a script declares options, and ${file.name} gets them by --set`,
      );
    }
    const { addons, files } = await load(file, context);
    if (addons instanceof ScriptError) throw addons;
    await replaced(file, this.addons.replace([], addons, behind));
    return { file, addons, files };
  }

  /** The version before goes on until the new one is ready, and when that cannot be loaded. */
  private async reload(script: RunningScript): Promise<void> {
    const { context } = this;
    if (context === undefined || !this.scripts.includes(script)) return;
    try {
      const { addons, files } = await load(script.file, context);
      script.files = files;
      if (addons instanceof ScriptError) throw addons;
      await replaced(script.file, this.addons.replace(script.addons, addons, this));
      script.addons = addons;
    } catch (error) {
      if (!isOwnError(error)) throw error;
      context.log.error(`${error.message}; the version before goes on`);
    }
  }

  private async runOn(flows: readonly Flow[], path: string, context: AddonContext): Promise<void> {
    const { addons } = await load(findScript(path), context);
    if (addons instanceof ScriptError) throw addons;
    const hooks = new Hooks(context);
    for (const addon of addons) hooks.add(addon);
    await hooks.fire('configure', new Set(Object.keys(context.options)));
    await hooks.fire('running', undefined);
    for (const flow of flows) await replayHooks(flow, (hook, subject) => hooks.fire(hook, subject));
    await hooks.fire('done', undefined);
  }
}

/** @throws {ScriptError} for what is no error of ours: an option that somebody else has, for instance */
async function replaced(file: ScriptFile, replacing: Promise<void>): Promise<void> {
  try {
    await replacing;
  } catch (error) {
    throw isOwnError(error) ? error : new ScriptError(file.spec, isError(error) ? error.message : error);
  }
}

/** Loaded late: nobody waits for a loader who has no scripts. */
async function load(file: ScriptFile, context: AddonContext): Promise<LoadedScript> {
  context.log.info(`Loading script ${file.spec}`);
  const { loadScript } = await import('../scripts/load-script.js');
  const loaded = await loadScript(file, context);
  if (!(loaded.addons instanceof ScriptError) && loaded.addons.every(isIdle)) {
    context.log.warn(`script ${file.spec} has no function for any hook`);
  }
  return loaded;
}

function isIdle(addon: Addon): boolean {
  const { options, commands } = addon;
  return options === undefined && commands === undefined && !hookNames.some((hook) => hook in addon);
}
