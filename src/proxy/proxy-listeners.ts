/** The ports of a proxy: one for each of its modes. */
import { OptionError } from '../errors.js';
import { formatAddress } from '../net/format-address.js';
import { listen } from '../net/listen.js';
import type { Listener } from '../net/listen.js';
import type { Socket } from 'node:net';
import type { ProxyMode } from './mode.js';
import type { ProxyValues } from './options.js';

/** A mode, and where it listens. */
export interface ProxyListener {
  readonly mode: ProxyMode;
  readonly listener: Listener;
}

interface Place {
  readonly mode: ProxyMode;
  readonly host: string;
  readonly port: number;
}

/**
 * Listens for all modes, or for none when one of them cannot be.
 * @param defaultPort of a mode that does not say where, when the option `listenPort` is not given
 * @throws {OptionError} when two modes want the same port
 * @throws {ConnectionError} when a port cannot be had
 */
export async function openListeners(
  values: ProxyValues,
  defaultPort: (mode: ProxyMode) => number,
  onSocket: (socket: Socket, mode: ProxyMode) => void,
  onError: (error: Error) => void,
): Promise<readonly ProxyListener[]> {
  const places = values.mode.map((mode) => placeOf(mode, values, defaultPort));
  checkPlaces(places);
  const opened: ProxyListener[] = [];
  try {
    for (const { mode, host, port } of places) {
      const listener = await listen({ host, port, onError }, (socket) => {
        onSocket(socket, mode);
      });
      opened.push({ mode, listener });
    }
  } catch (error) {
    await closeListeners(opened);
    throw error;
  }
  return opened;
}

/** Closes ports and the sockets that were accepted there. */
export async function closeListeners(listeners: readonly ProxyListener[]): Promise<void> {
  await Promise.all(listeners.map(({ listener }) => listener.close()));
}

function placeOf(mode: ProxyMode, values: ProxyValues, defaultPort: (mode: ProxyMode) => number): Place {
  return {
    mode,
    host: mode.listenHost ?? values.listenHost,
    port: mode.listenPort ?? values.listenPort ?? defaultPort(mode),
  };
}

function checkPlaces(places: readonly Place[]): void {
  if (places.length === 0) throw new OptionError('mode takes at least one mode');
  for (const [i, { mode, host, port }] of places.entries()) {
    const other = places.slice(0, i).find((place) => port !== 0 && place.port === port && place.host === host);
    if (other === undefined) continue;
    const address = formatAddress(host === '' ? '*' : host, port);
    throw new OptionError(
      `the modes ${other.mode.text} and ${mode.text} both listen on ${address}: write ${mode.text}@PORT`,
    );
  }
}
