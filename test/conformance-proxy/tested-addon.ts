import { Hooks } from '../../src/proxy/hooks/hooks.js';
import { Commands } from '../../src/proxy/hooks/commands.js';
import { noFlows } from '../../src/proxy/hooks/flow-port.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { AddonHost } from '../../src/proxy/addon-host.js';
import { OptionStore } from '../../src/proxy/option-store.js';

/**
 * The hooks of an addon that was loaded with these options. What it throws is kept by the log.
 * @throws {OptionError} when it refuses them
 */
export async function testedAddon(
  addon: Addon,
  options: Readonly<Record<string, unknown>>,
  now = 1_700_000_000,
): Promise<{ readonly hooks: Hooks; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const log = new Log(
    () => now * 1000,
    ({ level, message }) => lines.push(`${level}: ${message}`),
  );
  const store = new OptionStore(options);
  const hooks: Hooks = new Hooks({
    log,
    commands: new Commands(() => hooks.given),
    flows: noFlows,
    now: () => now,
    wait: () => Promise.resolve(),
    configure: () => Promise.resolve(),
    get options() {
      return store.values;
    },
  });
  await new AddonHost(hooks, store).add(addon);
  return { hooks, lines };
}
