/**
 * Runs `act` and gives the reasons of all rejections and errors that nobody handled meanwhile.
 * The test runner's own listeners are put aside, so that a test may assert on them.
 */
export async function unhandledDuring(act: () => Promise<unknown>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => {
    reasons.push(reason);
  };
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  const others = events.map((event) => process.listeners(event as 'uncaughtException'));
  for (const event of events) process.removeAllListeners(event).on(event, note);
  try {
    await act();
    // Node reports rejections after the microtasks of a turn: two turns are enough.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    events.forEach((event, index) => {
      process.off(event, note);
      // Listeners of both events take the reason first; the type of one stands for both.
      for (const listener of others[index] ?? []) process.on(event as 'uncaughtException', listener);
    });
  }
  return reasons;
}
