import type { LogEntry, LogLevel } from './hook-data.js';

/** Takes lines for the people who run the proxy. Bodies and secrets do not belong there. */
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
    this.take({ level, message, timestamp: this.now() / 1000 });
  }
}
