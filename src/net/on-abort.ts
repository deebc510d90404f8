import { setMaxListeners } from 'node:events';

/**
 * Calls `act` once when the signal aborts; at once when it has. The function returned forgets about it.
 * One signal may stand for a whole daemon, so Node's warning at eleven listeners is turned off for it.
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return nothing;
  if (signal.aborted) {
    act();
    return nothing;
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', act, { once: true });
  return () => {
    signal.removeEventListener('abort', act);
  };
}

function nothing(): void {
  // There is nothing to forget.
}
