import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/net/clock.js';
import type { Clock } from '../../src/net/clock.js';
import type { ClientContext, ProxyContext } from '../../src/proxy/context.js';
import { ClientConnection } from '../../src/proxy/flow/connection.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { Commands } from '../../src/proxy/hooks/commands.js';
import { noFlows } from '../../src/proxy/hooks/flow-port.js';
import { Hooks } from '../../src/proxy/hooks/hooks.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { OptionStore } from '../../src/proxy/option-store.js';
import type { ProxyInput } from '../../src/proxy/options.js';
import type { ProxyTls } from '../../src/proxy/proxy-tls.js';
import { readMode } from '../../src/proxy/read-mode.js';

/** What a part of the proxy is to be tried in. */
export interface ContextSettings {
  readonly options?: ProxyInput;
  readonly addons?: readonly Addon[];
  readonly mode?: string;
  readonly clock?: Clock;
  /** TLS as the test wants it. */
  readonly tls?: (proxy: ProxyContext) => Promise<ProxyTls>;
}

/** A client's context without a proxy around it, and the lines of its log. It is stopped when the test is over. */
export function clientContext(settings: ContextSettings = {}): ClientContext & { readonly lines: readonly string[] } {
  const { options = {}, addons = [], mode = 'regular', clock = systemClock } = settings;
  const lines: string[] = [];
  const store = new OptionStore(options);
  const log = new Log(
    () => clock.now(),
    ({ level, message }) => lines.push(`${level}: ${message}`),
  );
  const commands = new Commands(() => hooks.given);
  const hooks: Hooks = new Hooks({
    ...{ log, options: store.values, commands, flows: noFlows, now: () => clock.now() / 1000 },
    wait: (seconds) => clock.wait(1000 * seconds),
    configure: () => Promise.resolve(),
  });
  for (const addon of addons) hooks.add(addon);
  const over = new AbortController();
  onTestFinished(() => {
    over.abort('over');
  });
  const proxy: ProxyContext = {
    ...{ hooks, store, log, clock, signal: over.signal },
    tls: () => settings.tls?.(proxy) ?? Promise.reject(new Error('this test has no TLS')),
  };
  const client = new ClientConnection();
  client.peername = ['127.0.0.1', 50000];
  client.state = 3;
  return { proxy, client, mode: readMode(mode), lines };
}
