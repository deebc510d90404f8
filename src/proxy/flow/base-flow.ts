/** What flows of all types have in common. Times are seconds since 1970, with fractions. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ClientConnection, ServerConnection } from './connection.js';
import { killed } from './flow-error.js';
import type { FlowError } from './flow-error.js';

/** What a flow is made with. */
export interface FlowInit {
  readonly clientConn?: ClientConnection | undefined;
  readonly serverConn?: ServerConnection | undefined;
  readonly timestampCreated?: number | undefined;
}

/** Why a flow was sent again: as a request of ours, or as an answer of ours. */
export type Replay = 'request' | 'response';

/** Does nothing; stands for nobody who waits. */
const nothing = (): void => undefined;

export abstract class BaseFlow {
  abstract readonly type: string;
  id: string = randomUUID();
  clientConn: ClientConnection;
  serverConn: ServerConnection;
  error: FlowError | undefined;
  /** Whether the flow is held until it is resumed or killed. */
  intercepted = false;
  /** Empty when unmarked, else the name of a mark in colons, or a character. */
  marked = '';
  isReplay: Replay | undefined;
  /** Whether the flow is on a connection just now. */
  live = false;
  comment = '';
  /** What addons noted. Kept in files when it is made of what JSON is made of. */
  metadata: Record<string, unknown> = {};
  timestampCreated: number;
  private before: this | undefined;
  private held: Promise<void> | undefined;
  private letGo = nothing;
  private end = nothing;

  /** @param began when nothing else says when the flow was created, it was then */
  constructor(init: FlowInit, began?: number) {
    this.clientConn = init.clientConn ?? new ClientConnection();
    this.serverConn = init.serverConn ?? new ServerConnection();
    this.timestampCreated = init.timestampCreated ?? began ?? this.clientConn.timestampStart ?? 0;
  }

  /** When the flow began. */
  abstract get timestampStart(): number;

  /** A flow of the same type with the same facts: everything but the common ones. */
  protected abstract cloneOwn(): this;

  /** The facts of this type, for comparison. */
  protected abstract ownFacts(): unknown;

  /** A copy with an id of its own, on no connection. */
  copy(): this {
    const copy = this.snapshot();
    copy.before = this.before?.snapshot();
    copy.id = randomUUID();
    return copy;
  }

  /** Keeps the flow as it is now, unless it is kept already. {@link revert} brings it back. */
  backup(): void {
    this.before ??= this.snapshot();
  }

  /** Whether the flow differs from what {@link backup} kept. */
  modified(): boolean {
    return this.before !== undefined && !isDeepStrictEqual(this.facts(), this.before.facts());
  }

  /** Brings back what {@link backup} kept. */
  revert(): void {
    if (this.before === undefined) return;
    const { live, intercepted, held, letGo, end } = this;
    // Whoever carries a live flow goes by its connections, and by whether it is held.
    const { clientConn, serverConn } = live ? this : this.before.snapshot();
    Object.assign(this, this.before.snapshot(), { clientConn, serverConn });
    Object.assign(this, { live, intercepted, held, letGo, end, before: undefined });
  }

  /** What {@link backup} kept. */
  get kept(): this | undefined {
    return this.before;
  }

  set kept(before: this | undefined) {
    this.before = before;
  }

  /** Holds the flow until {@link resume} or {@link kill}. */
  intercept(): void {
    if (this.intercepted) return;
    this.intercepted = true;
    this.held = new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  /** Lets an intercepted flow go on. */
  resume(): void {
    if (!this.intercepted) return;
    this.intercepted = false;
    this.release();
  }

  /** Settles when the flow is not held. */
  async waitForResume(): Promise<void> {
    await this.held;
  }

  /** Whether the flow can be killed: it is live and was not killed before. */
  get killable(): boolean {
    return this.live && this.error?.message !== killed;
  }

  /**
   * Ends a live flow: nothing of it is sent on.
   * @param timestamp seconds since 1970
   * @throws {TypeError} when the flow is not {@link killable}
   */
  kill(timestamp: number = this.timestampStart): void {
    if (!this.killable) throw new TypeError('the flow cannot be killed: it is not live');
    this.error = { message: killed, timestamp };
    this.intercepted = false;
    this.live = false;
    this.release();
    this.end();
  }

  /** Has somebody told when the flow is killed: who carries it just now, one at a time. Nobody, without a listener. */
  onKill(listener: () => void = nothing): void {
    this.end = listener;
  }

  private release(): void {
    this.letGo();
    this.letGo = nothing;
    this.held = undefined;
  }

  /** A copy with the same id. */
  private snapshot(): this {
    const copy = this.cloneOwn();
    const { id, error, intercepted, marked, isReplay, comment, timestampCreated } = this;
    return Object.assign(copy, {
      ...{ id, error, intercepted, marked, isReplay, comment, timestampCreated },
      clientConn: this.clientConn.clone(),
      serverConn: this.serverConn.clone(),
      metadata: structuredClone(this.metadata),
    });
  }

  private facts(): unknown {
    const { error, marked, isReplay, comment, metadata, timestampCreated, clientConn, serverConn } = this;
    const common = { error, marked, isReplay, comment, metadata, timestampCreated };
    return [common, clientConn, serverConn, this.ownFacts()];
  }
}
