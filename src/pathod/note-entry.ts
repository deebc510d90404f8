import type { ErrorRecord, TimeoutRecord } from './log-record.js';
import type { LogEntry } from './log.js';
import { printable } from './text-log.js';

/** A line of the log that is not about a message. */
export class NoteEntry implements LogEntry {
  readonly weight: number;

  private constructor(
    readonly at: number,
    private readonly line: string,
    readonly record: (id: number) => ErrorRecord | TimeoutRecord,
  ) {
    this.weight = 256 + line.length;
  }

  /** Something could not be read, or the peer left. */
  static error(at: number, msg: string): NoteEntry {
    return new NoteEntry(at, msg, (id) => ({ id, type: 'error', msg }));
  }

  /** Nothing was received for too long. */
  static timeout(at: number): NoteEntry {
    return new NoteEntry(at, 'Timeout', (id) => ({ id, type: 'timeout' }));
  }

  text(): string {
    return `${printable(this.line)}\n`;
  }
}
