/**
 * Connections to servers, for one client, one step after the other:
 *
 *     serverConnect -> TCP -> TLS with a proxy -> httpConnectUpstream, CONNECT -> serverConnected
 *
 * Only TCP is always there. Whatever fails, nothing is left open, and `serverConnectError` is called.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionError, isError, isOwnError } from '../errors.js';
import { awaitLayer, isGivenUp } from '../net/await-layer.js';
import { dial } from '../net/dial.js';
import { formatAddress } from '../net/format-address.js';
import { closeLink } from './close-link.js';
import { connectThrough } from './connect-through.js';
import type { ClientContext } from './context.js';
import { ServerConnection } from './flow/connection.js';
import type { Address } from './flow/connection.js';
import { isValidHost } from './message/url.js';
import { isOwnAddress } from './own-address.js';
import { plainAddress } from './plain-address.js';
import { showAddress, showServer } from './show-address.js';
import type { Destination, SecureServerOptions, ServerDialler, ServerLink } from './server-link.js';

/** Milliseconds that each step of the way may take. */
const patience = 60_000;

/** What may be spoken with a proxy. */
const proxySchemes: readonly string[] = ['http', 'https'];

const nowhere = (): readonly Address[] => [];

/**
 * Makes the connections to servers of one client.
 * @param ownAddresses what the proxy itself listens on, and will not connect to
 */
export function createServerDialler(
  context: ClientContext,
  ownAddresses: () => readonly Address[] = nowhere,
): ServerDialler {
  return new Dialler(context, ownAddresses);
}

class Dialler implements ServerDialler {
  constructor(
    private readonly context: ClientContext,
    private readonly ownAddresses: () => readonly Address[],
  ) {}

  async connect(
    destination: Destination,
    tunnel: boolean,
    signal: AbortSignal = this.context.proxy.signal,
  ): Promise<ServerLink> {
    const { proxy, client } = this.context;
    const { clock, hooks } = proxy;
    const connection = connectionTo(destination);
    const data = { client, server: connection };
    await hooks.fire('serverConnect', data);
    connection.timestampStart = clock.now() / 1000;
    let duplex: Duplex;
    try {
      duplex = await this.reach(connection, tunnel, signal);
    } catch (error) {
      connection.error ??= messageOf(error);
      connection.state = 0;
      connection.timestampEnd = clock.now() / 1000;
      proxy.log.info(`${showAddress(client.peername)}: ${messageOf(error)}`);
      await hooks.fire('serverConnectError', data);
      throw error;
    }
    proxy.log.info(`${showAddress(client.peername)}: server connect ${showServer(connection)}`);
    await hooks.fire('serverConnected', data);
    // What was asked for, though an addon may have led it elsewhere: who asks for the same may share it.
    return { destination: { ...destination, tls: false }, connection, duplex };
  }

  async secure(link: ServerLink, options: SecureServerOptions): Promise<ServerLink> {
    const { sni, alpn, signal = this.context.proxy.signal } = options;
    const { connection, destination } = link;
    const { address = destination.address } = connection;
    connection.tls = true;
    try {
      const serverName = sni ?? destination.address[0];
      const duplex = await this.handshake(link.duplex, connection, address, serverName, alpn, signal);
      return { destination: { ...destination, tls: true, sni }, connection, duplex };
    } catch (error) {
      connection.error ??= messageOf(error);
      closeLink(this.context, link);
      if (isOwnError(error)) throw error;
      throw new ConnectionError(messageOf(error), 'tls', formatAddress(...address), { cause: error });
    }
  }

  /** All of the way, to where the server itself is spoken with. */
  private async reach(server: ServerConnection, tunnel: boolean, signal: AbortSignal | undefined): Promise<Duplex> {
    const target = this.permitted(server);
    const socket = await this.dial(server.via?.[1] ?? target, server, signal);
    if (server.via === undefined) return socket;
    try {
      return await this.pass(socket, server, target, tunnel, signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** @throws {ConnectionError} when the connection may not be made */
  private permitted({ address, via, error }: ServerConnection): Address {
    if (address === undefined) throw new ConnectionError('it is not known where to connect to', 'connect', '');
    const shown = formatAddress(...address);
    if (error !== undefined) throw new ConnectionError(`connection to ${shown} refused: ${error}`, 'connect', shown);
    if (via !== undefined && !proxySchemes.includes(via[0])) {
      throw new ConnectionError(
        `there is no way through a proxy of ${via[0]}, only of http or https`,
        'connect',
        shown,
      );
    }
    // Both go into text: of a CONNECT request, of a lookup.
    for (const [host] of via === undefined ? [address] : [address, via[1]]) {
      if (!isValidHost(host)) throw new ConnectionError(`${JSON.stringify(host)} cannot be a host`, 'connect', shown);
    }
    this.refuseLoop(via?.[1] ?? address);
    return address;
  }

  private refuseLoop(address: Address, shown: Address = address): void {
    if (!isOwnAddress(address, this.ownAddresses())) return;
    const text = formatAddress(...shown);
    throw new ConnectionError(`the proxy does not connect to itself, which ${text} is`, 'connect', text);
  }

  private async dial(
    [host, port]: Address,
    server: ServerConnection,
    signal: AbortSignal | undefined,
  ): Promise<Socket> {
    const { clock, store } = this.context.proxy;
    const localAddress = store.values.connectAddr;
    const socket = await dial({ host, port, localAddress, timeout: patience, signal, clock });
    server.timestampTcpSetup = clock.now() / 1000;
    server.peername = plainAddress(socket.remoteAddress, socket.remotePort);
    server.sockname = plainAddress(socket.localAddress, socket.localPort);
    server.state = 3;
    try {
      // A name may have led here all the same.
      this.refuseLoop(server.peername, [host, port]);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return socket;
  }

  /** Through the proxy that a socket leads to. */
  private async pass(
    socket: Socket,
    server: ServerConnection,
    target: Address,
    tunnel: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Duplex> {
    // reach() looked at it.
    const [scheme, proxyAddress] = server.via ?? ['http', target];
    let duplex: Duplex = socket;
    if (scheme === 'https') {
      // Another one than that of the flow, which tells of TLS with the server.
      const proxy = Object.assign(connectionTo({ address: proxyAddress, tls: true, sni: undefined, via: undefined }), {
        ...{ peername: server.peername, sockname: server.sockname, state: server.state },
        ...{ timestampStart: server.timestampStart, timestampTcpSetup: server.timestampTcpSetup },
      });
      duplex = await this.handshake(socket, proxy, proxyAddress, proxyAddress[0], ['http/1.1'], signal);
    }
    if (tunnel) await connectThrough(this.context, duplex, { server, target, proxy: proxyAddress, patience, signal });
    return duplex;
  }

  private async handshake(
    duplex: Duplex,
    server: ServerConnection,
    address: Address,
    serverName: string,
    alpn: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Duplex> {
    const tls = await this.context.proxy.tls();
    const shown = formatAddress(...address);
    const shaking = tls.connect(this.context, duplex, server, { serverName, alpn, signal });
    return awaitLayer(duplex, shaking, { timeout: patience, signal, clock: this.context.proxy.clock }, (cause) =>
      isGivenUp(cause)
        ? new ConnectionError(`TLS with ${shown} failed: ${cause.message}`, 'tls', shown, { cause })
        : cause,
    );
  }
}

function connectionTo({ address, tls, sni, via }: Destination): ServerConnection {
  const connection = new ServerConnection();
  connection.address = address;
  connection.tls = tls;
  // Who speaks no TLS asks for no name.
  connection.sni = tls ? (sni ?? address[0]) : undefined;
  connection.via = via;
  return connection;
}

function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}
