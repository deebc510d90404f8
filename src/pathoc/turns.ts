/** Events that are dealt with in one turn of the event loop: a few milliseconds. */
const eventsPerTurn = 1000;

/** Gives timers and signals their turn while events come without a pause, thousands in one chunk. */
export class Turns {
  private events = 0;

  /** Counts an event; now and then a promise for the next turn of the event loop. */
  next(): Promise<void> | undefined {
    if (++this.events < eventsPerTurn) return undefined;
    this.events = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }
}
