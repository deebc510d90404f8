import type { LogEntry, LogLevel } from '../hooks/hook-data.js';

/** What was written to the log. */
export class RecordedLog {
  private list: LogEntry[] = [];

  /** All lines, in their order. */
  get entries(): readonly LogEntry[] {
    return this.list;
  }

  /** What the lines of a level say; of all levels when none is given. */
  messages(level?: LogLevel): string[] {
    return this.list.filter((entry) => level === undefined || entry.level === level).map(({ message }) => message);
  }

  /** Forgets them. */
  clear(): void {
    this.list = [];
  }

  /** Takes a line. */
  add(entry: LogEntry): void {
    this.list.push(entry);
  }
}
