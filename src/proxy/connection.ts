/**
 * The life of one connection of a client: its mode tells where it leads, or every request does; what is spoken is
 * found out from the first bytes, and behind each CONNECT and each layer of TLS anew.
 *
 *     socket -> entry of the mode -> TLS? -> HTTP/1 -> CONNECT -> TLS? -> HTTP/1 -> ...
 *                                         |-> HTTP/2
 *                                         '-> bytes
 */
import type { Socket } from 'node:net';
import { isOwnError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { hangUp } from '../net/hang-up.js';
import type { ClientContext, ProxyContext } from './context.js';
import { enterMode } from './enter-mode.js';
import type { Address, ClientConnection } from './flow/connection.js';
import { clientConnection } from './client-connection.js';
import type { Layer } from './layer.js';
import { LayerServer } from './layer-server.js';
import type { HostLists } from './host-lists.js';
import type { ProxyMode } from './mode.js';
import { createServerDialler } from './server-dialler.js';
import type { ServerDialler } from './server-link.js';
import type { OriginalDestinationOf } from '../net/original-destination.js';
import { createUpstreams } from './upstreams.js';

/** What connections need of the proxy that they belong to, besides its context. */
export interface ConnectionPorts {
  /** Addresses that the proxy itself listens on. */
  readonly ownAddresses: () => readonly Address[];
  readonly hostLists: () => HostLists;
  /** Tells where redirected connections were going; there in the mode `transparent`. */
  readonly destinationOf: OriginalDestinationOf | undefined;
}

export class Connection {
  readonly client: ClientConnection;
  private readonly context: ClientContext;
  private readonly dialler: ServerDialler;
  private readonly layers: LayerServer;

  constructor(
    private readonly proxy: ProxyContext,
    private readonly socket: Socket,
    mode: ProxyMode,
    private readonly ports: ConnectionPorts,
  ) {
    this.client = clientConnection(socket, mode, proxy.clock.now() / 1000);
    this.context = { proxy, client: this.client, mode };
    const dialler = createServerDialler(this.context, ports.ownAddresses);
    this.dialler = dialler;
    this.layers = new LayerServer(this.context, dialler, createUpstreams(this.context, dialler), ports.hostLists);
  }

  /** Whether a request is under way, or its response. */
  get busy(): boolean {
    return this.layers.busy || this.socket.writableLength > 0;
  }

  /** Serves until either side closes. Never rejects: what goes wrong is logged. */
  async run(): Promise<void> {
    const { client, proxy, socket } = this;
    const { hooks, clock, signal } = proxy;
    const waiting = hooks.fire('clientConnected', client);
    if (waiting !== undefined) await waiting;
    if (client.error === undefined) await this.serve();
    else {
      proxy.log.warn(`${this.peer} was turned away: ${client.error}`);
      socket.destroy();
    }
    await hangUp(this.layers.duplex ?? socket, clock, signal);
    client.state = 0;
    client.timestampEnd = clock.now() / 1000;
    await hooks.fire('clientDisconnected', client);
  }

  private async serve(): Promise<void> {
    const { context, layers, proxy } = this;
    try {
      let layer: Layer | undefined = await enterMode(context, this.socket, this.dialler, this.ports);
      while (layer !== undefined) layer = await layers.serve(layer);
    } catch (error) {
      const reason = isOwnError(error) ? error.message : `internal error: ${String(error)}`;
      proxy.log.warn(`${this.peer}: ${reason}`);
    } finally {
      layers.close();
    }
  }

  private get peer(): string {
    const [host, port] = this.client.peername ?? ['', 0];
    return formatAddress(host, port);
  }
}
