/** Vectors of who may use the proxy, and of the credentials that it gives itself. */
import { Block } from '../../src/proxy/addons/block.js';
import { ProxyAuth } from '../../src/proxy/addons/proxy-auth.js';
import { upstreamAuthorization } from '../../src/proxy/addons/upstream-auth.js';
import { readBasicAuthorization } from '../../src/proxy/credentials/basic-authorization.js';
import { ClientConnection } from '../../src/proxy/flow/connection.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { AddonContext } from '../../src/proxy/hooks/addon.js';
import { Commands } from '../../src/proxy/hooks/commands.js';
import { noFlows } from '../../src/proxy/hooks/flow-port.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { Headers } from '../../src/proxy/message/headers.js';
import { Request } from '../../src/proxy/message/request.js';
import { OptionStore } from '../../src/proxy/option-store.js';
import type { ProxyInput } from '../../src/proxy/options.js';

type Pairs = [name: string, value: string][];

interface Authenticated {
  readonly proxyauth: string;
  readonly mode: string;
  readonly hs: Pairs;
}

interface Client {
  readonly ip: string;
  readonly block_global: boolean;
  readonly block_private: boolean;
}

export const authSubjects = {
  proxyauth: async ({ proxyauth, mode, hs }: Authenticated) => {
    const addon = new ProxyAuth();
    await addon.configure(new Set(['proxyauth']), contextWith({ proxyauth }));
    const clientConn = new ClientConnection();
    clientConn.proxyMode = mode;
    const request = new Request({ host: 'x', port: 80, headers: new Headers(hs) });
    const flow = new HttpFlow(request, { clientConn });
    await addon.requestheaders(flow);
    const { metadata, response } = flow;
    return {
      metadata,
      headers: [...request.headers],
      response: response === undefined ? null : [response.statusCode, [...response.headers], response.text],
    };
  },
  parse_http_basic_auth: (value: string) => {
    const credentials = readBasicAuthorization(value);
    if (credentials === undefined) throw new Error('these are no credentials of the Basic scheme');
    return [value.split(/\s/)[0], credentials.username, credentials.password];
  },
  block_private_global: ({ ip, block_global: blockGlobal, block_private: blockPrivate }: Client) => {
    const client = new ClientConnection();
    client.peername = [ip, 1];
    new Block().clientConnected(client, contextWith({ blockGlobal, blockPrivate }));
    return client.error ?? null;
  },
  upstream_auth: upstreamAuthorization,
};

function contextWith(input: ProxyInput): AddonContext {
  const log = new Log(
    () => 0,
    () => undefined,
  );
  const commands: Commands = new Commands(() => context);
  const context: AddonContext = {
    log,
    commands,
    flows: noFlows,
    options: new OptionStore(input).values,
    now: () => 0,
    wait: () => Promise.resolve(),
    configure: () => Promise.resolve(),
  };
  return context;
}
