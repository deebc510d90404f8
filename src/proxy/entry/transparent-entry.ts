import type { Socket } from 'node:net';
import { ConnectionError } from '../../errors.js';
import { formatAddress } from '../../net/format-address.js';
import type { OriginalDestinationOf } from '../../net/original-destination.js';
import type { Address } from '../flow/connection.js';
import { isOwnAddress } from '../own-address.js';

/**
 * The first step of a connection in the mode `transparent`: where the client meant it to go before it was redirected.
 * @param destinationOf of `originalDestinations`
 * @param ownAddresses what the proxy itself listens on
 * @throws {ConnectionError} when the connection was not redirected, but made to the proxy
 */
export function enterTransparent(
  socket: Socket,
  destinationOf: OriginalDestinationOf,
  ownAddresses: readonly Address[],
): Address {
  const { host, port } = destinationOf(socket);
  if (!isOwnAddress([host, port], ownAddresses)) return [host, port];
  const shown = formatAddress(host, port);
  const hint = 'in transparent mode clients do not know of the proxy, and connect to servers';
  throw new ConnectionError(`the client connected to the proxy itself, ${shown}: ${hint}`, 'connect', shown);
}
