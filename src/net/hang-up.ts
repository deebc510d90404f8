import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import type { Clock } from './clock.js';
import { onAbort } from './on-abort.js';

/** Milliseconds that a peer has, after our end, to end its side. */
const patience = 500;

/**
 * Closes a connection so that the peer gets every byte written before, and then its end.
 *
 * A socket that is destroyed while received bytes lie unread makes the system send a reset, at
 * which the peer may throw away what it has not read yet. So the end is sent first, what still
 * comes in is read and dropped for a moment, and then the socket is destroyed. Resolves when it is
 * closed, and never rejects. A slow reader has all the time it needs, until the signal aborts.
 */
export function hangUp(duplex: Duplex, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (duplex.closed) {
      resolve();
      return;
    }
    absorbErrors(duplex);
    // Most peers have ended their side by now: then there is nothing to wait for.
    let over: AbortController | undefined;
    const destroy = (): void => {
      duplex.destroy();
    };
    // Nor is there anything to give up then.
    const isOver = duplex.readableEnded && duplex.writableLength === 0;
    const forget = isOver ? undefined : onAbort(signal, destroy);
    const linger = (): void => {
      if (duplex.readableEnded || duplex.destroyed) {
        destroy();
        return;
      }
      duplex.once('end', destroy);
      // A pump that still listens reads on within its bounds; without one everything is dropped.
      if (duplex.listenerCount('data') === 0) duplex.resume();
      over = new AbortController();
      void clock.wait(patience, over.signal).then(destroy);
    };
    duplex.once('close', () => {
      // The default reason, an error with its stack, is costly.
      over?.abort('closed');
      forget?.();
      duplex.off('finish', linger).off('end', destroy);
      resolve();
    });
    if (duplex.writableFinished) linger();
    else duplex.once('finish', linger).end();
  });
}
