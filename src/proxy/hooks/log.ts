import { inspect } from 'node:util';
import { isError } from '../../errors.js';
import { oneLine } from '../../wire/one-line.js';
import type { LogEntry, LogLevel } from './hook-data.js';

/**
 * Takes lines for the people who run the proxy. Bodies and secrets do not belong there. What peers said may stand in a
 * message: whatever it holds, a message is one line, and moves no cursor.
 */
export class Log {
  /**
   * @param now milliseconds since 1970
   * @param take gets each line
   * @param tell gets each line behind `take`, but for those that addons are not told of
   */
  constructor(
    private readonly now: () => number,
    private readonly take: (entry: LogEntry) => void,
    private readonly tell: (entry: LogEntry) => void = () => undefined,
  ) {}

  error(message: unknown): void {
    this.write('error', message);
  }

  warn(message: unknown): void {
    this.write('warn', message);
  }

  info(message: unknown): void {
    this.write('info', message);
  }

  alert(message: unknown): void {
    this.write('alert', message);
  }

  debug(message: unknown): void {
    this.write('debug', message);
  }

  /** Says of addons that listen to the log what they are not told. */
  errorUnheard(message: string): void {
    this.take(this.entry('error', message));
  }

  private write(level: LogLevel, message: unknown): void {
    const entry = this.entry(level, message);
    this.take(entry);
    this.tell(entry);
  }

  private entry(level: LogLevel, message: unknown): LogEntry {
    return { level, message: oneLine(textOf(message)), timestamp: this.now() / 1000 };
  }
}

/** What is no text, as Node shows it. */
function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return isError(message) ? String(message) : inspect(message, { breakLength: Infinity });
}
