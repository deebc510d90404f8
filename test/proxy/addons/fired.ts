import { AddonHost } from '../../../src/proxy/addon-host.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import type { Addon } from '../../../src/proxy/hooks/addon.js';
import { Commands } from '../../../src/proxy/hooks/commands.js';
import { noFlows } from '../../../src/proxy/hooks/flow-port.js';
import { Hooks } from '../../../src/proxy/hooks/hooks.js';
import { Log } from '../../../src/proxy/hooks/log.js';
import type { HeadersInit } from '../../../src/proxy/message/headers.js';
import { Request } from '../../../src/proxy/message/request.js';
import { OptionStore } from '../../../src/proxy/option-store.js';

/** An addon that was loaded, and whose hooks a test calls. */
export interface Loaded {
  readonly hooks: Hooks;
  readonly host: AddonHost;
  readonly lines: readonly string[];
  readonly call: (command: string, ...values: readonly unknown[]) => unknown;
}

/** Loads an addon. @param now gives seconds since 1970 */
export async function load(
  addon: Addon,
  options: Readonly<Record<string, unknown>> = {},
  { now = () => 1_700_000_000, flows = [] }: { now?: () => number; flows?: readonly Flow[] } = {},
): Promise<Loaded> {
  const lines: string[] = [];
  const log = new Log(
    () => now() * 1000,
    ({ level, message }) => lines.push(`${level}: ${message}`),
  );
  const store = new OptionStore(options);
  const commands = new Commands(() => hooks.given);
  const hooks: Hooks = new Hooks({
    ...{ log, now, commands, flows: { ...noFlows, list: () => flows }, wait: () => Promise.resolve() },
    configure: async (changes) => void (await host.update(changes)),
    get options() {
      return store.values;
    },
  });
  const host: AddonHost = new AddonHost(hooks, store);
  await host.add(addon);
  return { hooks, host, lines, call: (name, ...values) => commands.call(name, ...values) };
}

/** A flow that is under way, with its request. */
export function liveFlow(url: string, headers: HeadersInit = {}, body = '', method = 'GET'): HttpFlow {
  const flow = new HttpFlow(Request.make(method, url, body, headers));
  flow.live = true;
  return flow;
}
