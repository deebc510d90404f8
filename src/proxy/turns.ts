/** Does one piece of work after the other. What need not be waited for is done at once. */
export class Turns {
  private last: Promise<void> | undefined;
  private running = false;

  /**
   * Work that is taken while other work runs comes after it, also when that other work takes it.
   * @returns a promise when the work must be waited for
   * @throws what the work throws; that stops no other work
   */
  take(work: () => void | Promise<void>): void | Promise<void> {
    if (this.running) return Promise.resolve().then(() => this.take(work));
    const { last } = this;
    const done = last === undefined ? this.run(work) : last.then(() => this.run(work));
    if (done === undefined) return undefined;
    // The next one waits for this one, whatever becomes of it.
    const settled = done.then(nothing, nothing);
    this.last = settled;
    return done.finally(() => {
      if (this.last === settled) this.last = undefined;
    });
  }

  private run(work: () => void | Promise<void>): void | Promise<void> {
    this.running = true;
    try {
      return work();
    } finally {
      this.running = false;
    }
  }
}

function nothing(): void {
  // Whoever gave the work learns of it.
}
