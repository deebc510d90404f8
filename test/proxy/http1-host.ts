/** HTTP/1 sessions of the proxy without the rest of it: each connection to a port is one. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { connect } from '../kit/connect.js';
import type { Peer } from '../kit/peer.js';
import { ClientConnection } from '../../src/proxy/flow/connection.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { hookNames } from '../../src/proxy/hooks/hook-table.js';
import type { HookName } from '../../src/proxy/hooks/hook-table.js';
import { Http1Session } from '../../src/proxy/http1-session.js';
import type { Route, Tunnel } from '../../src/proxy/route.js';
import { createServerDialler } from '../../src/proxy/server-dialler.js';
import { createUpstreams } from '../../src/proxy/upstreams.js';
import { clientContext } from './client-context.js';
import type { ContextSettings } from './client-context.js';

export interface HostSettings extends ContextSettings {
  readonly route?: Partial<Route>;
}

/** A hook that was called about a flow. */
export interface FlowEvent {
  readonly hook: HookName;
  readonly flow: HttpFlow;
}

export interface Http1Host {
  readonly port: number;
  readonly sessions: readonly Http1Session[];
  /** The host's side of each connection. */
  readonly sockets: readonly Socket[];
  /** The hooks about flows, in the order in which they were called. */
  readonly events: readonly FlowEvent[];
  /** The names of all hooks that were called, but those about the log. */
  readonly hooks: readonly HookName[];
  readonly lines: readonly string[];
  /** What the sessions came to. */
  readonly runs: readonly Promise<Tunnel | undefined>[];
  /** The names of the hooks about flows. */
  names(): HookName[];
  /** Resolves with the flow of the event of that number, once it was called. */
  event(hook: HookName, index?: number): Promise<HttpFlow>;
  /** A client of the port. */
  client(): Promise<Peer>;
  /** Resolves when all sessions so far are over, and their connections to servers closed. */
  settled(): Promise<void>;
}

const aboutFlows = new Set<HookName>([
  ...(['requestheaders', 'request', 'responseheaders', 'response', 'error'] as const),
  ...(['httpConnect', 'httpConnected', 'httpConnectError'] as const),
]);

/** Sessions for requests that say themselves where they go, unless the route says it. */
export async function http1Host(settings: HostSettings = {}): Promise<Http1Host> {
  const events: FlowEvent[] = [];
  const hooks: HookName[] = [];
  const watchers = new Set<() => void>();
  const recorder = Object.fromEntries(
    hookNames
      .filter((hook) => hook !== 'addLog')
      .map((hook) => [
        hook,
        (subject: unknown) => {
          hooks.push(hook);
          // The hooks of the set are about flows of HTTP.
          if (aboutFlows.has(hook)) events.push({ hook, flow: subject as HttpFlow });
          for (const watch of watchers) watch();
        },
      ]),
  ) as Addon;
  const context = clientContext({ ...settings, addons: [recorder, ...(settings.addons ?? [])] });
  const route: Route = { fixed: undefined, via: undefined, clientTls: false, rewritesHost: false, ...settings.route };
  const sessions: Http1Session[] = [];
  const sockets: Socket[] = [];
  const runs: Promise<Tunnel | undefined>[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (duplex) => {
    const client = Object.assign(new ClientConnection(), { peername: ['127.0.0.1', duplex.remotePort], state: 3 });
    const one = { ...context, client };
    const upstreams = createUpstreams(one, createServerDialler(one));
    const session = new Http1Session({ context: one, route, upstreams, duplex });
    sockets.push(duplex);
    sessions.push(session);
    const run = session.run();
    runs.push(
      run.then((tunnel) => {
        if (tunnel === undefined) upstreams.close();
        return tunnel;
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(runs);
  });
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, sessions, sockets, events, hooks, runs, lines: context.lines },
    names: () => events.map(({ hook }) => hook),
    async event(hook, index = 0) {
      for (;;) {
        const found = events.filter((event) => event.hook === hook)[index];
        if (found !== undefined) return found.flow;
        await new Promise<void>((resolve) => {
          const watch = (): void => {
            watchers.delete(watch);
            resolve();
          };
          watchers.add(watch);
        });
      }
    },
    client: () => connect(port),
    async settled() {
      await Promise.all(runs);
    },
  };
}

/** A route to a local port. */
export function routeTo(port: number): Pick<Route, 'fixed'> {
  return { fixed: { address: ['127.0.0.1', port], tls: false, sni: undefined, via: undefined } };
}
