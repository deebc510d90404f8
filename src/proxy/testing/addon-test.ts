import { AddonHost } from '../addon-host.js';
import { builtInAddons, closingAddons } from '../addons/index.js';
import type { Flow } from '../flow/flow.js';
import { flowName } from '../flow-name.js';
import { FlowStore } from '../flow-store.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { Commands } from '../hooks/commands.js';
import type { FlowHookName, HookTable } from '../hooks/hook-table.js';
import { Hooks } from '../hooks/hooks.js';
import { Log } from '../hooks/log.js';
import { OptionStore } from '../option-store.js';
import { replayHooks } from '../replay-hooks.js';
import { findScript } from '../scripts/script-file.js';
import { withScriptPlaces } from '../scripts/script-places.js';
import { checkKeys } from './check-keys.js';
import { cycleHooks } from './cycle-hooks.js';
import { checkCycled, checkFired } from './fired-hook.js';
import type { FiredHook } from './fired-hook.js';
import { startOfTest } from './flow-times.js';
import { ManualClock } from './manual-clock.js';
import { RecordedFlows } from './recorded-flows.js';
import type { ReplayAnswer } from './recorded-flows.js';
import { RecordedLog } from './recorded-log.js';

/** What an addon is tested with. */
export interface AddonTestSetup {
  /** Values of options by key: of the addon's own, of the proxy's, and of those of its built-in addons. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Values as text, `NAME=VALUE`, as the command line takes them behind `--set`. */
  readonly settings?: readonly string[] | undefined;
  /** Flows that have passed before. */
  readonly flows?: readonly Flow[] | undefined;
  /** What the addon's `now()` tells, and `wait` waits for. Default: one that stands at the beginning of 2024. */
  readonly clock?: ManualClock | undefined;
  /** Gives a replayed flow its response or its error. Default: it gets none. */
  readonly replay?: ReplayAnswer | undefined;
  /** Whether a function that throws is written to the log, as by a proxy, and not thrown by the test. */
  readonly logsFailures?: boolean | undefined;
}

const setupKeys: readonly (keyof AddonTestSetup)[] = [
  'options',
  'settings',
  'flows',
  'clock',
  'replay',
  'logsFailures',
];

/**
 * One addon, loaded as a proxy loads it, and hooks that the test calls. There is no network, and no time but that of
 * the test.
 * @example
 * await using tag = await AddonTest.start(new Tag(), { options: { tagValue: 'blue' } });
 * const flow = await tag.fire('request', httpFlow());
 */
export class AddonTest<A extends Addon = Addon> implements AsyncDisposable {
  /** What `now()` of the addon tells, and `wait` waits for until the test advances it. */
  readonly clock: ManualClock;
  /** What was logged. */
  readonly log = new RecordedLog();
  /** The flows that were seen, and what the addon has done with flows. */
  readonly flows: RecordedFlows;
  private readonly kept = new FlowStore();
  private readonly store: OptionStore;
  private readonly hooks: Hooks;
  private readonly host: AddonHost;
  private readonly logsFailures: boolean;
  private readonly over = new AbortController();
  /** In the order in which they see the traffic. */
  private readonly tested: Addon[] = [];

  private constructor(setup: AddonTestSetup) {
    checkKeys('an AddonTest', setup, setupKeys);
    const { options = {}, settings, clock, replay, logsFailures = false } = setup;
    this.clock = clock ?? new ManualClock(startOfTest * 1000);
    this.logsFailures = logsFailures;
    this.flows = new RecordedFlows(() => this.kept.all, replay);
    const store = (this.store = new OptionStore(options, settings));
    const log = new Log(
      () => this.clock.now(),
      (entry) => {
        this.log.add(entry);
      },
      (entry) => void this.hooks.fire('addLog', entry),
    );
    this.hooks = new Hooks({
      log,
      now: () => this.clock.now() / 1000,
      wait: (seconds) => this.clock.wait(seconds * 1000, this.over.signal),
      configure: async (changes, nameOf) => void (await this.host.update(changes, nameOf)),
      commands: new Commands(() => this.hooks.given),
      flows: this.flows,
      get options() {
        return store.values;
      },
    });
    this.host = new AddonHost(this.hooks, store);
  }

  /**
   * Loads an addon: its options and commands are declared, then `load`, `configure` and `running` are called.
   * @throws {OptionError} when it refuses the options, and for an option that nobody has
   * @throws {AddonError} when one of these functions fails
   * @throws {TypeError} when it is no addon, or brings an option that there is; and for a setup that there is not
   */
  static async start<A extends Addon>(addon: A, setup: AddonTestSetup = {}): Promise<AddonTest<A>> {
    const test = new AddonTest<A>(setup);
    await test.open(setup, () => [addon]);
    return test;
  }

  /**
   * Runs the file of a script as `mitmdump -s` does, and loads the addons that it brings.
   * @param file its path, from the working directory
   * @throws {OptionError} when there is no such file
   * @throws {ScriptError} when it cannot be run
   * @throws as {@link start}
   */
  static async startScript(file: string, setup: AddonTestSetup = {}): Promise<AddonTest> {
    const script = findScript(file);
    const test = new AddonTest(setup);
    const { loadScript } = await import('../scripts/load-script.js');
    await test.open(setup, (context) => loadScript(script, context));
    return test;
  }

  /** The addon that is tested; the first one of a script. */
  get addon(): A {
    // `start` puts it there; of a script nothing is known but that it brings addons.
    return this.tested[0] as A;
  }

  /** The values of all options. */
  get options(): OptionStore['values'] {
    return this.store.values;
  }

  /**
   * Changes options, and tells the addon.
   * @throws {OptionError} when a value is not valid or the addon refuses it: nothing is changed then
   * @throws {AddonError} when its `configure` fails: nothing is changed then
   */
  async configure(changes: Readonly<Record<string, unknown>>): Promise<void> {
    await this.host.update(changes);
  }

  /**
   * Calls a hook, and waits for what the addon returns. A flow that it intercepts is not waited for. An addon that is
   * idle is not called.
   * @returns what the hook was about
   * @throws {AddonError} when the addon's function throws; its cause is what was thrown
   * @throws what the addon's function throws, when that is an error of this package: OptionError, for instance
   * @throws {TypeError} for what is no hook that a test calls, and for what that hook is never about
   */
  async fire<H extends FiredHook, S extends HookTable[H]>(hook: H, subject: S): Promise<S> {
    checkFired(hook, subject);
    if (this.logsFailures) await this.hooks.fire(hook, subject);
    else {
      const called = this.tested.filter((addon) => !this.hooks.isIdle(addon));
      for (const addon of [...called, this.kept]) await this.hooks.fireOne(addon, hook, subject);
    }
    return subject;
  }

  /**
   * Calls the hooks of a whole flow in order. Messages appear one by one. A live flow has its response and its error
   * once the request has passed, and none of them when the addon answers itself; a flow that is not live has them from
   * the start, as one that was read from a file. A body of a live flow for which the addon sets `stream` passes, through
   * the function that it gives: what was sent is the body afterwards, and hooks see none, unless `storeStreamedBodies` is
   * on. No more hooks are called once the addon has intercepted the flow; once
   * it has killed it, only those that tell of its end.
   * @returns the names of the hooks that were called
   * @throws as {@link fire}
   */
  async cycle(flow: Flow): Promise<FlowHookName[]> {
    checkCycled(flow);
    return await cycleHooks(flow, (hook, subject) => this.fire(hook, subject), {
      keeps: () => this.store.values.storeStreamedBodies,
      failed: ({ filter, cause }) => {
        const failure = this.hooks.streamFailure(filter, flowName(flow), withScriptPlaces(cause).error);
        if (!this.logsFailures) throw failure;
        this.hooks.given.log.error(failure.message);
      },
    });
  }

  /**
   * Calls a command of the addon.
   * @returns what it gives
   * @throws {OptionError} when there is no such command, or it does not take these arguments
   * @throws what the command throws
   */
  async call(command: string, ...values: readonly unknown[]): Promise<unknown> {
    return await this.hooks.given.commands.call(command, ...values);
  }

  /**
   * Ends what the addon waits for, and removes it: `done` is called. May be called again.
   * @throws {AddonError} when that fails
   */
  async stop(): Promise<void> {
    this.over.abort();
    const removed = await Promise.allSettled(this.tested.map((addon) => this.host.remove(addon)));
    for (const outcome of removed) if (outcome.status === 'rejected') throw outcome.reason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async open(
    { flows = [] }: AddonTestSetup,
    addons: (context: AddonContext) => readonly Addon[] | Promise<readonly Addon[]>,
  ): Promise<void> {
    // As in a proxy, there are the options of the built-in addons, and none of them may be brought again.
    for (const { options = {} } of [...builtInAddons(noAuthority), ...closingAddons()]) {
      for (const [key, option] of Object.entries(options)) this.store.declare(key, option);
    }
    await this.host.add(this.kept);
    for (const flow of flows) await replayHooks(flow, (hook, subject) => this.hooks.fire(hook, subject));
    // A proxy that runs calls `running` of an addon when it is added, and hears what it throws.
    await this.host.run(this.clock);
    try {
      for (const addon of await addons(this.hooks.given)) {
        await this.host.add(addon, this.kept);
        this.tested.push(addon);
      }
      this.store.checkNames();
    } catch (error) {
      // What could not be started has nothing to add to the first reason.
      await this.stop().catch(() => undefined);
      throw error;
    }
  }
}

/** Those whose options are looked at here ask for none. */
function noAuthority(): Promise<never> {
  return Promise.reject(new TypeError('there is no authority'));
}
