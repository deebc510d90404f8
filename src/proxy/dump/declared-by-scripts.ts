import type { Clock } from '../../net/clock.js';
import type { Options } from '../../options/define.js';
import { snakeCase } from '../../options/set.js';
import { AddonHost } from '../addon-host.js';
import { Script } from '../addons/script.js';
import type { Addon } from '../hooks/addon.js';
import type { Command } from '../hooks/command.js';
import { Commands } from '../hooks/commands.js';
import { noFlows } from '../hooks/flow-port.js';
import type { LogEntry } from '../hooks/hook-data.js';
import { Hooks } from '../hooks/hooks.js';
import { Log } from '../hooks/log.js';
import { OptionStore } from '../option-store.js';

/** What there is to be set and to be called. */
export interface Declared {
  readonly options: Options;
  readonly commands: ReadonlyMap<string, Command>;
}

/**
 * The options and commands of addons and of the scripts that the options name. The scripts are loaded for it, and done
 * at once; of the addons nothing but their tables is looked at.
 * @param given options by key, and settings of options that scripts declare
 * @throws what a proxy throws that cannot load a script
 */
export async function declaredByScripts(
  addons: readonly Addon[],
  given: { readonly values: Readonly<Record<string, unknown>>; readonly settings: readonly string[] },
  clock: Clock,
  take: (entry: LogEntry) => void,
): Promise<Declared> {
  const store = new OptionStore(given.values, given.settings, snakeCase);
  const hooks: Hooks = new Hooks({
    log: new Log(() => clock.now(), take),
    now: () => clock.now() / 1000,
    wait: (seconds) => clock.wait(seconds * 1000),
    configure: async (changes, nameOf) => void (await host.update(changes, nameOf)),
    commands: new Commands(() => hooks.given),
    flows: noFlows,
    get options() {
      return store.values;
    },
  });
  const host = new AddonHost(hooks, store);
  const { commands } = hooks.given;
  for (const { options = {}, commands: named = {} } of addons.filter((addon) => !(addon instanceof Script))) {
    for (const [key, option] of Object.entries(options)) store.declare(key, option);
    for (const [name, command] of Object.entries(named)) commands.declare(name, command);
  }
  try {
    await host.add(new Script({ addons: host, clock }));
    store.checkNames();
    return { options: store.options, commands: new Map(commands.all) };
  } finally {
    await host.finish();
  }
}
