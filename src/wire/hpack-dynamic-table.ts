import type { HeaderField } from './header-field.js';
import { fieldSize } from './header-field.js';

/**
 * The dynamic table (RFC 7541, sections 2.3.2 and 4): newest field first, evicted from the other end.
 *
 *     fields   | evicted | oldest ......... newest |
 *                        ^ head                    index 1
 */
export class DynamicTable {
  private fields: HeaderField[] = [];
  private head = 0;
  private used = 0;
  private room: number;

  /**
   * @param capacity bytes, as {@link fieldSize} counts them
   * @param evicted is told of each field that leaves the table
   */
  constructor(
    capacity = 4096,
    private readonly evicted?: (field: HeaderField) => void,
  ) {
    this.room = capacity;
  }

  /** Fields in the table. */
  get length(): number {
    return this.fields.length - this.head;
  }

  /** Bytes in use. */
  get size(): number {
    return this.used;
  }

  /** Bytes that the table may use. */
  get capacity(): number {
    return this.room;
  }

  /** The field at an index: 1 is the newest. */
  at(index: number): HeaderField | undefined {
    return index > this.length ? undefined : this.fields[this.fields.length - index];
  }

  /** Adds a field in front. One larger than the table empties it and is not kept: that is no error. */
  add(field: HeaderField): boolean {
    const size = fieldSize(field);
    this.evictTo(this.room - size);
    if (size > this.room) return false;
    this.fields.push(field);
    this.used += size;
    return true;
  }

  /** Changes the capacity, and evicts what has no room any more. */
  resize(capacity: number): void {
    this.room = capacity;
    this.evictTo(capacity);
  }

  private evictTo(size: number): void {
    while (this.used > size && this.length > 0) {
      const field = this.fields[this.head++];
      if (field === undefined) break;
      this.used -= fieldSize(field);
      this.evicted?.(field);
    }
    // Dropping the evicted ones now and then keeps the work linear.
    if (this.head > 32 && this.head > this.fields.length / 2) {
      this.fields = this.fields.slice(this.head);
      this.head = 0;
    }
  }
}
