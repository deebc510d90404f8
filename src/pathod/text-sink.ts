/**
 * Where the text log goes. What is logged during one turn of the event loop is written at once, and
 * a reader that does not keep up costs lines, not memory and not time.
 */
import type { Writable } from 'node:stream';

/** Characters that may wait to be written. */
const patience = 4 * 1024 * 1024;

export class TextSink {
  private waiting: string[] = [];
  private waitingCharacters = 0;
  private dropped = 0;
  private scheduled = false;
  private broken = false;

  /**
   * @param onto not to be written to by anybody else while in use
   * @param onFailure told once when it cannot be written to any more
   */
  constructor(
    private readonly onto: Writable,
    private readonly onFailure?: (error: Error) => void,
  ) {
    // A reader that left, or a disk that is full, ends the log, not the daemon.
    onto.on('error', (error: Error) => {
      this.fail(error);
    });
  }

  /** Takes one block of text that ends with a newline. */
  write(block: string): void {
    if (this.broken) return;
    if (this.waitingCharacters + this.onto.writableLength > patience) {
      this.dropped++;
      return;
    }
    this.tellDropped();
    this.waiting.push(block);
    this.waitingCharacters += block.length;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.flush);
  }

  /** Writes what waits, and resolves when it is written, or cannot be, or at the latest when the signal aborts. */
  async end(signal: AbortSignal): Promise<void> {
    this.flush();
    // A file is closed before it tells of its error.
    if (this.onto.errored) this.fail(this.onto.errored);
    if (this.broken || this.onto.writableLength === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        resolve();
      };
      this.onto.write('', (error) => {
        if (error) this.fail(this.onto.errored ?? error);
        resolve();
      });
      this.onto.once('close', done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private fail(error: Error): void {
    if (!this.broken) this.onFailure?.(error);
    this.broken = true;
  }

  private readonly flush = (): void => {
    this.scheduled = false;
    if (this.broken) return;
    if (this.onto.writableLength < patience) this.tellDropped();
    if (this.waiting.length > 0) this.onto.write(this.waiting.join(''));
    this.waiting = [];
    this.waitingCharacters = 0;
  };

  /** Says in the place of the lines that are missing how many they are. */
  private tellDropped(): void {
    if (this.dropped === 0) return;
    const line = `(${String(this.dropped)} log entries were not written: their reader did not keep up)\n`;
    this.dropped = 0;
    this.waiting.push(line);
    this.waitingCharacters += line.length;
  }
}
