/**
 * Performs a plan on a stream.
 *
 * A small plan without pauses is one Buffer and one write, at once and without a promise. Anything
 * else is performed step by step: small writes are gathered, a stream that takes no more is waited
 * for, and what the system takes at once is followed by the next chunk with no event in between.
 */
import type { Duplex } from 'node:stream';
import { maximumLength, steps } from '../language/plan.js';
import type { Disconnection, Plan, Step } from '../language/plan.js';
import { absorbErrors } from './absorb-errors.js';
import type { Clock } from './clock.js';
import { hangUp } from './hang-up.js';
import { onAbort } from './on-abort.js';
import { Pace } from './pace.js';
import { reset } from './reset.js';

/** How a performance ended. None of these is an error. */
export type Played =
  /** Every byte was handed to the system. */
  | 'done'
  /** A disconnect was performed: the peer has, or will get, the bytes before it and then our end. */
  | 'closed-by-plan'
  /** Our side was ended by the plan; the peer may still send. */
  | 'half-closed'
  /** The peer closed or reset the connection. */
  | 'peer-left'
  /** The signal aborted. The stream is left as it is. */
  | 'aborted';

/** What else a performance may do. */
export interface PlayOptions {
  /** Sees every run of bytes as it is written, in order. It must copy what it keeps. */
  readonly observe?: ((bytes: Buffer) => void) | undefined;
}

/** Plans up to this size are written whole, and small writes are gathered up to it. */
const gatherSize = 64 * 1024;
/** Bytes written in one turn of the event loop, however fast the peer reads: others want a turn too. */
const turnSize = 512 * 1024;

/**
 * Milliseconds between the last bytes and a reset. A Node client that finds both at once takes them for
 * bytes and an orderly end (libuv reports a hang-up behind a short read as an end), so they must not meet.
 */
const beforeReset = 20;

/** Fixed plans that were written before; `null` for those that cannot be written whole. */
const wholes = new WeakMap<Plan, Buffer | null>();

/**
 * Performs a plan. Synchronous, with no promise made, when one write is enough and was taken.
 *
 * After `closed-by-plan` leave the stream alone: it is closed as soon as the peer has all it gets.
 * A peer that ends its sending side while the plan pauses forever is taken to have left; during
 * other pauses it is not, since it may still be reading.
 * @throws what a lazy segment throws: a RenderError when a file has shrunk. The stream is left as it is.
 */
export function play(
  plan: Plan,
  onto: Duplex,
  clock: Clock,
  signal: AbortSignal,
  options: PlayOptions = {},
): Played | Promise<Played> {
  if (signal.aborted) return 'aborted';
  if (!onto.writable) return 'peer-left';
  const whole = wholeOf(plan);
  if (whole === null) return new Performance(steps(plan), onto, clock, signal, options).play();
  if (whole.length === 0) return 'done';
  options.observe?.(whole);
  // False with nothing left to write: more than the stream's high water mark, and the system took it all.
  if (onto.write(whole) || onto.writableLength === 0) return 'done';
  return new Performance(none, onto, clock, signal, options).play();
}

const none: Iterable<Step> = [];

function wholeOf(plan: Plan): Buffer | null {
  const only = plan.segments[0];
  // The commonest plan, found without a look-up.
  if (plan.actions.length === 0 && plan.segments.length === 1 && Buffer.isBuffer(only)) return only;
  if (!plan.fixed) return assemble(plan);
  let whole = wholes.get(plan);
  if (whole === undefined) {
    whole = assemble(plan);
    wholes.set(plan, whole);
  }
  return whole;
}

function assemble(plan: Plan): Buffer | null {
  const { segments, actions } = plan;
  if (actions.some((action) => action.do !== 'inject') || maximumLength(plan) > gatherSize) return null;
  const whole = Buffer.allocUnsafe(maximumLength(plan));
  let at = 0;
  if (actions.length > 0) {
    for (const step of steps(plan)) {
      if (step.do !== 'write') continue;
      whole.set(step.bytes, at);
      at += step.bytes.length;
    }
    return whole;
  }
  for (const segment of segments) {
    if (Buffer.isBuffer(segment)) whole.set(segment, at);
    else segment.read(0, whole.subarray(at, at + segment.length));
    at += segment.length;
  }
  return whole;
}

/** One plan being performed. */
class Performance {
  private readonly over = new AbortController();
  private ended: Played | undefined;
  private gathered: Buffer[] = [];
  private gatheredBytes = 0;
  private writtenThisTurn = 0;
  private hasWritten = false;
  private pace: Pace | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly steps: Iterable<Step>,
    private readonly onto: Duplex,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly options: PlayOptions,
  ) {}

  async play(): Promise<Played> {
    const { onto } = this;
    absorbErrors(onto);
    onto.on('drain', this.goOn).on('finish', this.goOn).on('close', this.leave);
    const forget = onAbort(this.signal, () => {
      this.end('aborted');
    });
    try {
      return await this.perform();
    } finally {
      forget();
      onto.off('drain', this.goOn).off('finish', this.goOn).off('close', this.leave);
    }
  }

  private async perform(): Promise<Played> {
    for (const step of this.steps) {
      if (step.do === 'write') {
        if (this.pace !== undefined) await this.writeAtPace(step.bytes, this.pace);
        // The usual step, which makes no promise.
        else if (!this.write(step.bytes)) await this.room();
      } else {
        this.flush();
        await this.drained();
        if (this.ended === undefined && step.do === 'disconnect') return this.disconnect(step.how);
        if (this.ended === undefined && step.do === 'pause') await this.pause(step.seconds);
        if (step.do === 'rate') this.pace = new Pace(step.bytesPerSecond, this.clock);
      }
      if (this.ended !== undefined) return this.ended;
    }
    this.flush();
    await this.drained();
    return this.ended ?? 'done';
  }

  /** Takes bytes; false when the next ones must wait for {@link room}. */
  private write(bytes: Buffer): boolean {
    if (this.gatheredBytes + bytes.length > gatherSize) this.flush();
    this.gathered.push(bytes);
    this.gatheredBytes += bytes.length;
    if (this.gatheredBytes >= gatherSize) this.flush();
    return this.writtenThisTurn < turnSize && !this.isFull();
  }

  /** Small slices, each at its time: the peer sees a slow line, not bursts. */
  private async writeAtPace(bytes: Buffer, pace: Pace): Promise<void> {
    for (let at = 0; at < bytes.length && this.ended === undefined; at += pace.slice) {
      const slice = bytes.subarray(at, at + pace.slice);
      await pace.turn(slice.length, this.over.signal);
      if (this.ended !== undefined) return;
      this.gathered.push(slice);
      this.gatheredBytes += slice.length;
      this.flush();
      if (this.isFull()) await this.drained();
    }
  }

  private flush(): void {
    const first = this.gathered[0];
    if (first === undefined) return;
    const bytes = this.gathered.length === 1 ? first : Buffer.concat(this.gathered, this.gatheredBytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    this.writtenThisTurn += bytes.length;
    this.hasWritten = true;
    this.options.observe?.(bytes);
    this.onto.write(bytes);
  }

  /** Whether the stream asked to wait, and still holds something: the system may have taken it all at once. */
  private isFull(): boolean {
    return this.onto.writableNeedDrain && this.onto.writableLength > 0;
  }

  private async room(): Promise<void> {
    if (this.isFull()) await this.drained();
    else await new Promise((resolve) => setImmediate(resolve));
    this.writtenThisTurn = 0;
  }

  private async drained(): Promise<void> {
    while (this.isFull() && this.ended === undefined) await this.event();
  }

  private async pause(seconds: number | 'forever'): Promise<void> {
    if (seconds === 'forever') this.onto.once('end', this.leave);
    await this.clock.wait(seconds === 'forever' ? Infinity : seconds * 1000, this.over.signal);
    this.onto.off('end', this.leave);
  }

  private async disconnect(how: Disconnection | undefined): Promise<Played> {
    if (how === 'rst') {
      await this.handedOver();
      if (this.hasWritten) await this.clock.wait(beforeReset, this.over.signal);
      if (this.ended === undefined) reset(this.onto);
      // A stream that is closed by ourselves is no peer that left.
      return this.ended === 'aborted' ? this.ended : 'closed-by-plan';
    }
    if (how === 'fin') this.onto.end();
    else void hangUp(this.onto, this.clock, this.signal);
    while (!this.onto.writableFinished && this.ended === undefined) await this.event();
    if (!this.onto.writableFinished) return this.ended ?? 'peer-left';
    return how === 'fin' ? 'half-closed' : 'closed-by-plan';
  }

  /** Waits until the system has all that was written: a reset drops what still lies here. */
  private async handedOver(): Promise<void> {
    let isOver = this.onto.writableLength === 0;
    if (isOver) return;
    this.onto.write(Buffer.alloc(0), () => {
      isOver = true;
      this.wake();
    });
    // The callback comes later, which the compiler cannot see.
    while (!(isOver as boolean) && this.ended === undefined) await this.event();
  }

  /** The next thing that happens to the stream or the signal. */
  private event(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private readonly goOn = (): void => {
    this.wake();
  };

  private readonly leave = (): void => {
    this.end('peer-left');
  };

  private end(played: Played): void {
    this.ended ??= played;
    this.over.abort();
    this.wake();
  }
}
