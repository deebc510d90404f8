import type { Clock } from '../net/clock.js';

/**
 * Milliseconds in which a client takes something of the end of a broken response, or is not waited for any more. What
 * the system holds for a client that reads slowly is a lot, and only when that is on its way the rest can move.
 */
const patience = 10 * 60_000;

/**
 * Waits until all was taken, as long as something is taken now and then: who reads slowly has time, who reads nothing
 * holds nothing for ever.
 * @param taking resolves when all was taken; it does not reject
 * @param left how much is left: a figure that changes when something is taken
 * @returns whether all was taken
 */
export async function untilTaken(taking: Promise<void>, left: () => number, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  let isTaken = false;
  const taken = taking.then(() => {
    isTaken = true;
  });
  for (let before = -1; !isTaken && before !== left();) {
    before = left();
    await Promise.race([taken, clock.wait(patience, over.signal)]);
  }
  over.abort('over');
  return isTaken;
}
