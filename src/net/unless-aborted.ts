import { onAbort } from './on-abort.js';

/**
 * Waits for a promise that never rejects, or until the signal aborts: look at the signal afterwards. What the promise
 * stands for goes on.
 */
export function unlessAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const forget = onAbort(signal, resolve);
    void waiting.then(() => {
      forget();
      resolve();
    });
  });
}
