/**
 * What happened lately. An entry holds views and is turned into a record, or into text, when somebody
 * reads it: nearly none ever is.
 */
import type { Clock } from '../net/clock.js';
import type { LogRecord } from './log-record.js';
import type { TextStyle } from './text-log.js';
import { Watchers } from './watchers.js';

/** One thing that happened. */
export interface LogEntry {
  /** Bytes of memory that it keeps alive, roughly. */
  readonly weight: number;
  /** When it was over: milliseconds since 1970. */
  readonly at: number;
  record(id: number): LogRecord;
  /** Its lines in the text log, each ended by a newline, without the time. */
  text(style: TextStyle): string;
}

/** Bytes that all entries together may keep alive. */
const heaviestLog = 32 * 1024 * 1024;

/** The last entries, as many as the limits allow. */
export class Log {
  private readonly kept: (LogEntry | undefined)[] = [];
  /** Numbers of the first entry kept, and of the next one to come. */
  private first = 0;
  private next = 0;
  private weight = 0;
  private readonly watchers = new Watchers();

  /** @param limit entries kept; 0 keeps none */
  constructor(
    private readonly limit: number,
    private readonly clock: Clock,
  ) {}

  /** Entries kept now. */
  get size(): number {
    return this.next - this.first;
  }

  add(entry: LogEntry): void {
    if (this.limit > 0) {
      if (this.next - this.first === this.limit) this.drop();
      this.kept[this.next % this.limit] = entry;
      this.weight += entry.weight;
    } else this.first++;
    this.next++;
    while (this.weight > heaviestLog) this.drop();
    this.watchers.notify();
  }

  /** The records, newest first. */
  records(): LogRecord[] {
    const records: LogRecord[] = [];
    for (let id = this.next - 1; id >= this.first; id--) records.push(this.entry(id).record(id));
    return records;
  }

  /** The newest record. */
  last(): LogRecord | undefined {
    return this.size === 0 ? undefined : this.entry(this.next - 1).record(this.next - 1);
  }

  /** The entries, oldest first. */
  *entries(): Generator<LogEntry, void, undefined> {
    for (let id = this.first; id < this.next; id++) yield this.entry(id);
  }

  clear(): void {
    while (this.size > 0) this.drop();
  }

  /** Resolves to true once at least `count` entries are kept, to false when that takes too long. */
  expect(count: number, ms: number, signal: AbortSignal): Promise<boolean> {
    return this.watchers.until(() => this.size >= count, ms, this.clock, signal);
  }

  private entry(id: number): LogEntry {
    const entry = this.kept[id % this.limit];
    if (entry === undefined) throw new RangeError(`log entry ${String(id)} is not kept`);
    return entry;
  }

  private drop(): void {
    const at = this.first % this.limit;
    this.weight -= this.kept[at]?.weight ?? 0;
    this.kept[at] = undefined;
    this.first++;
  }
}
