import type { Duplex } from 'node:stream';

const carriers = new WeakMap<Duplex, Duplex>();

/** Remembers which stream another one lies on: TLS on a socket, or TLS in TLS. */
export function layOn(duplex: Duplex, carrier: Duplex): void {
  carriers.set(duplex, carrier);
}

/** The stream at the bottom, below all that was laid on it: the TCP socket, as a rule. */
export function bottomOf(duplex: Duplex): Duplex {
  let bottom = duplex;
  for (let below = carriers.get(bottom); below !== undefined; below = carriers.get(bottom)) bottom = below;
  return bottom;
}
