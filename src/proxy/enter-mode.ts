/** The first step of each mode: how a connection of a client begins. */
import type { Socket } from 'node:net';
import type { OriginalDestinationOf } from '../net/original-destination.js';
import { connectsEarly } from './connects-early.js';
import type { ClientContext } from './context.js';
import { enterSocks5 } from './entry/socks5-entry.js';
import { enterTransparent } from './entry/transparent-entry.js';
import type { Address } from './flow/connection.js';
import type { Layer } from './layer.js';
import type { ServerDialler } from './server-link.js';

/** What the modes that find out where a connection leads need for it. */
export interface EntryPorts {
  /** Addresses that the proxy itself listens on. */
  readonly ownAddresses: () => readonly Address[];
  /** Tells where redirected connections were going; there in the mode `transparent`. */
  readonly destinationOf: OriginalDestinationOf | undefined;
}

const nothing: Buffer = Buffer.alloc(0);

/** A stream of which nothing is known. */
const bare = {
  ...{ first: nothing, clientTls: false, target: undefined, serverTls: undefined, sni: undefined },
  ...{ via: undefined, server: undefined },
} as const;

/**
 * What is to be served first on a connection.
 * @throws {ProtocolError} when the client does not do what the mode asks of it
 * @throws {ConnectionError} when it was told that the server could not be connected to
 */
export function enterMode(
  context: ClientContext,
  socket: Socket,
  dialler: ServerDialler,
  { ownAddresses, destinationOf }: EntryPorts,
): Layer | Promise<Layer> {
  const { mode } = context;
  switch (mode.type) {
    case 'regular':
      return { ...bare, duplex: socket, purpose: 'requests' };
    case 'upstream':
      return { ...bare, duplex: socket, purpose: 'requests', via: [mode.scheme, mode.address] };
    case 'reverse': {
      const { scheme, address } = mode;
      const purpose = scheme === 'http' || scheme === 'https' ? 'http' : 'bytes';
      const serverTls = scheme === 'https' || scheme === 'tls';
      return { ...bare, duplex: socket, purpose, target: address, serverTls, sni: address[0] };
    }
    case 'socks5':
      return enterByName(context, socket, dialler);
    case 'transparent': {
      if (destinationOf === undefined) throw new TypeError('nobody tells where connections were going');
      const target = enterTransparent(socket, destinationOf, ownAddresses());
      return { ...bare, duplex: socket, purpose: 'any', target };
    }
  }
}

async function enterByName(context: ClientContext, socket: Socket, dialler: ServerDialler): Promise<Layer> {
  const { target, rest, grant, refuse } = await enterSocks5(context, socket);
  const layer: Layer = { ...bare, duplex: socket, purpose: 'any', target, first: rest };
  const { signal } = context.proxy;
  if (!connectsEarly(context.proxy, target)) {
    grant();
    return layer;
  }
  try {
    const server = await dialler.connect({ address: target, tls: false, sni: undefined, via: undefined }, true, signal);
    grant(server.connection.sockname);
    return { ...layer, server };
  } catch (error) {
    refuse(error);
    throw error;
  }
}
