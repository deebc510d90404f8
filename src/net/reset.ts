import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Closes a connection with a TCP reset. Anything that is not a plain TCP socket is destroyed: Node resets nothing else. */
export function reset(duplex: Duplex): void {
  try {
    if (duplex instanceof Socket) duplex.resetAndDestroy();
  } catch {
    // It throws for a handle that cannot be reset, such as that of a TLS socket.
  }
  duplex.destroy();
}
