import { onAbort } from './on-abort.js';

/** Time as everything here sees it, so that tests may turn the hands. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds, or as soon as the signal aborts: look at the signal afterwards.
   * Never rejects, and leaves no timer. `Infinity` waits for the signal alone.
   */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay that Node's timers take; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      let timer: NodeJS.Timeout;
      let left = ms;
      const forget = onAbort(signal, () => {
        clearTimeout(timer);
        resolve();
      });
      const go = (): void => {
        const part = Math.min(left, longestTimer);
        left -= part;
        timer = setTimeout(left > 0 ? go : finish, part);
      };
      const finish = (): void => {
        forget();
        resolve();
      };
      go();
    });
  },
};
