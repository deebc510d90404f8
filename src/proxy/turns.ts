/** Does one piece of work after the other. What need not be waited for is done at once. */
export class Turns {
  private last: Promise<void> | undefined;

  /**
   * @returns a promise when the work, or work before it, must be waited for
   * @throws what the work throws; that stops no other work
   */
  take(work: () => void | Promise<void>): void | Promise<void> {
    const { last } = this;
    const done = last === undefined ? work() : last.then(work, work);
    if (done === undefined) return undefined;
    this.last = done;
    return done.finally(() => {
      if (this.last === done) this.last = undefined;
    });
  }
}
