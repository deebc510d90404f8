import { FlowFileError, isError } from '../../errors.js';
import { ByteQueue } from '../../wire/byte-queue.js';
import type { Flow } from '../flow/flow.js';
import { flowOfState } from './flow-state.js';
import { migrate } from './migrations.js';
import type { Handshakes } from './migrations.js';
import { rememberOrigin } from './origin.js';
import { decodeItem, findItem } from './tnetstring.js';
import type { TnetMap } from './tnetstring.js';

/** Bytes that one flow may have in a file. */
const maximumFlow = 1024 * 1024 * 1024;

/**
 * Reads a flow file of any version: push bytes, pull flows.
 *
 * The flows before a damaged place are given; then {@link next} throws, and throws the same error ever after.
 */
export class FlowReader {
  private readonly queue = new ByteQueue();
  private readonly handshakes: Handshakes = new Map();
  private ended = false;
  private failure: FlowFileError | undefined;
  /** Bytes of the flows given so far. */
  private passed = 0;

  /** @param limit bytes that one flow may have */
  constructor(private readonly limit: number = maximumFlow) {}

  /** Where the next flow begins, in bytes from the beginning of the file. */
  get offset(): number {
    return this.passed;
  }

  /** Adds bytes of the file. They must not be written to afterwards. */
  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** Says that the file ends here. */
  finish(): void {
    this.ended = true;
  }

  /**
   * The next flow; `undefined` when more bytes are needed, or the file is over.
   * @throws {FlowFileError} at the first place that is damaged
   */
  next(): Flow | undefined {
    if (this.failure !== undefined) throw this.failure;
    const item = this.nextItem();
    if (item === undefined) return undefined;
    const flow = this.attempt(() => {
      const value = decodeItem(item);
      const { state, layout } = migrate(value, this.handshakes);
      const read = flowOfState(state, layout);
      // A flow that was made of two items cannot be written as either.
      if (value instanceof Map && (value as TnetMap).get('type') === read.type) rememberOrigin(read, item);
      return read;
    });
    this.passed += item.length;
    return flow;
  }

  /** The flows that can be read by now; as {@link next}. */
  *[Symbol.iterator](): Generator<Flow, void, undefined> {
    for (let flow = this.next(); flow !== undefined; flow = this.next()) yield flow;
  }

  /** The bytes of the next item, when all of it is there. */
  private nextItem(): Buffer | undefined {
    const { queue } = this;
    if (queue.length === 0) return undefined;
    const end = this.attempt(() => findItem(queue.memory, queue.start));
    const length = end === undefined ? undefined : end - queue.start;
    if (length !== undefined && length > this.limit) {
      this.fail(`a flow of ${String(length)} bytes is longer than ${String(this.limit)}`);
    }
    if (length !== undefined && length <= queue.length) return queue.take(length);
    if (this.ended) {
      const wanted = length === undefined ? '' : ` of ${String(length)}`;
      this.fail(`the file ends within a flow, after ${String(queue.length)}${wanted} bytes of it`);
    }
    return undefined;
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      return this.fail(isError(error) ? error.message : String(error), error);
    }
  }

  private fail(why: string, cause?: unknown): never {
    const place = `at byte ${String(this.passed)}`;
    this.failure = new FlowFileError(`the flow file cannot be read ${place}: ${why}`, this.passed, { cause });
    throw this.failure;
  }
}
