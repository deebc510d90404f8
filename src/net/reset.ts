import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { bottomOf } from './carrier.js';

/**
 * Closes a connection with a TCP reset, at the socket that the stream lies on. What lies on no plain
 * TCP socket is destroyed: Node resets nothing else.
 */
export function reset(duplex: Duplex): void {
  const bottom = bottomOf(duplex);
  try {
    if (bottom instanceof Socket) bottom.resetAndDestroy();
  } catch {
    // It throws for a handle that cannot be reset, such as that of a pipe.
  }
  bottom.destroy();
  duplex.destroy();
}
