import { checkOptions } from '../../src/options/check.js';
import { defineOptions } from '../../src/options/define.js';
import type { OptionInput } from '../../src/options/define.js';
import { Dumper } from '../../src/proxy/dump/dumper.js';
import { dumperOptions } from '../../src/proxy/dump/dumper-options.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { AddonContext } from '../../src/proxy/hooks/addon.js';
import { Commands } from '../../src/proxy/hooks/commands.js';
import { noFlows } from '../../src/proxy/hooks/flow-port.js';
import { Hooks } from '../../src/proxy/hooks/hooks.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { replayHooks } from '../../src/proxy/replay-hooks.js';

/** What the flows are printed on. */
export interface Paper {
  readonly columns?: number;
  readonly isTerminal?: boolean;
}

/**
 * What the dumper prints of flows that are read from a file.
 * @throws {Error} with what it wrote to the log, if anything
 */
export async function printedFlows(
  flows: readonly Flow[],
  options: OptionInput<typeof dumperOptions>,
  { columns = 80, isTerminal = false }: Paper = {},
): Promise<Buffer> {
  const printed: Buffer[] = [];
  const log = new Log(Date.now, ({ message }) => {
    throw new Error(message);
  });
  const dumper = new Dumper({ write: (text) => printed.push(text), isTerminal, columns: () => columns });
  // The dumper needs its own options only.
  const values = checkOptions(defineOptions(dumperOptions), options) as unknown as AddonContext['options'];
  const commands = new Commands(() => context);
  const context: AddonContext = {
    log,
    options: values,
    commands,
    flows: noFlows,
    now: () => 0,
    wait: () => Promise.resolve(),
    configure: () => Promise.resolve(),
  };
  const hooks = new Hooks(context);
  hooks.add(dumper);
  await hooks.fireOne(dumper, 'configure', new Set(Object.keys(dumperOptions)));
  for (const flow of flows) await replayHooks(flow, (hook, subject) => hooks.fire(hook, subject as never));
  return Buffer.concat(printed);
}
