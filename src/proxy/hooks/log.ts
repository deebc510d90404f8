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
   */
  constructor(
    private readonly now: () => number,
    private readonly take: (entry: LogEntry) => void,
  ) {}

  error(message: string): void {
    this.write('error', message);
  }

  warn(message: string): void {
    this.write('warn', message);
  }

  info(message: string): void {
    this.write('info', message);
  }

  alert(message: string): void {
    this.write('alert', message);
  }

  debug(message: string): void {
    this.write('debug', message);
  }

  private write(level: LogLevel, message: string): void {
    this.take({ level, message: oneLine(message), timestamp: this.now() / 1000 });
  }
}
