/** TLS of the proxy without a proxy around it: what comes out of the one side goes into the other. */
import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { absorbErrors } from '../../src/net/absorb-errors.js';
import { peek } from '../../src/net/peek.js';
import { ClientConnection, ServerConnection } from '../../src/proxy/flow/connection.js';
import type { ServerLink } from '../../src/proxy/server-link.js';
import { openProxyTls } from '../../src/proxy/tls-interception.js';
import { readClientHello } from '../../src/wire/client-hello.js';
import { clientContext } from './client-context.js';
import type { ContextSettings } from './client-context.js';

/** What is between the client and the server. */
export interface InterceptorSettings extends Omit<ContextSettings, 'tls'> {
  /** The port of a local server that speaks TLS; without one, what clients send comes back. */
  readonly upstream?: number;
  /** The name that the server is asked for and verified by; `localhost` when absent. */
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  readonly host?: string;
  /** The port beside it; not known when absent. */
  readonly leadsTo?: number;
  /** How often TLS lies on TLS, with the client and with the server: once when absent. */
  readonly layers?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A client that was served, or was not. */
export interface Intercepted {
  readonly client: ClientConnection;
  readonly server: ServerConnection | undefined;
  /** Whether the handshake with the client was made. */
  readonly isOpen: boolean;
}

/** Listens on a local port until the test is over. */
export interface Interceptor {
  readonly port: number;
  /** The authority's certificate, in PEM. */
  readonly ca: string;
  /** The log. */
  readonly lines: readonly string[];
  /** Options that are other ones from the next connection on. */
  update(changes: Readonly<Record<string, unknown>>): void;
  /** What `act` makes of it, and what became of the connection that it makes. */
  during<T>(act: () => Promise<T>): Promise<[T, Intercepted]>;
  /** Resolves with the first line of the log, from now on, that is like that. */
  line(pattern: RegExp): Promise<string>;
}

export async function interceptor(settings: InterceptorSettings = {}): Promise<Interceptor> {
  const { upstream, serverName = 'localhost', alpn = ['h2', 'http/1.1'], host = 'localhost', layers = 1 } = settings;
  const context = clientContext(settings);
  const tls = await openProxyTls(context.proxy, settings.environment ?? {});
  const events = new EventEmitter();
  const sockets = new Set<Duplex>();

  async function serve(socket: Socket): Promise<void> {
    absorbErrors(socket);
    keep(socket);
    const client = Object.assign(new ClientConnection(), { peername: ['127.0.0.1', 50000], state: 3 });
    const one = { ...context, client };
    let duplex: Duplex | undefined = socket;
    let server: ServerLink | undefined;
    for (let layer = 0; layer < layers && duplex !== undefined; layer++) {
      const { how, bytes } = await peek(duplex, Buffer.alloc(0), (seen) => readClientHello(seen) !== undefined);
      const hello = how === 'seen' ? readClientHello(bytes) : undefined;
      if (hello === undefined) return;
      if (upstream !== undefined && layer === 0) server = await link(one, hello.alpn).catch(() => undefined);
      duplex = await tls.accept(one, { duplex, hello, host, port: settings.leadsTo, server, alpn });
    }
    const { connection } = server ?? {};
    events.emit('intercepted', { client, server: connection, isOpen: duplex !== undefined } satisfies Intercepted);
    if (duplex === undefined) server?.duplex.destroy();
    else if (server === undefined) duplex.pipe(duplex);
    else duplex.pipe(server.duplex).pipe(duplex);
  }

  async function link(one: typeof context, offers: readonly string[]): Promise<ServerLink> {
    const address = ['localhost', upstream ?? 0] as const;
    const socket = connect(address[1], '127.0.0.1');
    keep(socket);
    await once(socket, 'connect');
    const connection = Object.assign(new ServerConnection(), { address });
    let duplex: Duplex = socket;
    for (let layer = 0; layer < layers; layer++) {
      duplex = await tls.connect(one, duplex, connection, { serverName, alpn: offers });
    }
    return { destination: { address, tls: true, sni: serverName, via: undefined }, connection, duplex };
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  }

  const listener = createServer((socket) => void serve(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
    await once(listener, 'close');
  });
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (listener.address() as AddressInfo).port,
    get ca() {
      return tls.ca;
    },
    lines: context.lines,
    update: (changes) => context.proxy.store.update(changes),
    async during(act) {
      const intercepted = once(events, 'intercepted');
      // What serve() emits.
      const [made, told] = await Promise.all([act(), intercepted as Promise<[Intercepted]>]);
      return [made, told[0]];
    },
    async line(pattern) {
      for (;;) {
        const found = context.lines.find((each) => pattern.test(each));
        if (found !== undefined) return found;
        await new Promise(setImmediate);
      }
    },
  };
}
