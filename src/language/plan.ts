/**
 * What a message puts on the wire: bytes in order, and what is done between them.
 *
 *     segments   |<-- head -->|<-- generated body -->|<-- ... -->|
 *     actions         ^ pause        ^ inject             ^ disconnect
 *
 * Offsets count bytes of the segments, injections left out. An action happens before the byte at
 * its offset; one at or past the end happens after the last byte.
 */

/** Bytes that are made when they are read. `read` fills `into` with the bytes from offset `at`. */
export interface LazySegment {
  readonly length: number;
  read(at: number, into: Uint8Array): void;
}

/** A run of bytes of known length. */
export type Segment = Buffer | LazySegment;

/** A way to leave that is not the usual one: a TCP reset, or the end of our side alone. */
export type Disconnection = 'rst' | 'fin';

/** Something done at an exact offset. Pauses are in seconds. A rate holds until the next one. */
export type Action =
  | { readonly at: number; readonly do: 'inject'; readonly data: Segment }
  | { readonly at: number; readonly do: 'pause'; readonly seconds: number | 'forever' }
  | { readonly at: number; readonly do: 'rate'; readonly bytesPerSecond: number }
  | { readonly at: number; readonly do: 'disconnect'; readonly how?: Disconnection };

/** A message ready for the wire. */
export interface Plan {
  readonly segments: readonly Segment[];
  /** In the order they happen: by offset, ties as written. */
  readonly actions: readonly Action[];
  /** Bytes of the segments, injections left out. */
  readonly length: number;
  /** All its bytes are there already: it may be performed again, and what is made of it may be kept. */
  readonly fixed: boolean;
}

/** One thing to do when a plan is performed. */
export type Step =
  | { readonly do: 'write'; readonly bytes: Buffer }
  | { readonly do: 'pause'; readonly seconds: number | 'forever' }
  | { readonly do: 'rate'; readonly bytesPerSecond: number }
  | { readonly do: 'disconnect'; readonly how?: Disconnection };

/** Bytes made at a time from a {@link LazySegment}. */
export const chunkSize = 64 * 1024;

/** Performs a plan in thought: yields its steps in order, and nothing after a disconnect. */
export function* steps(plan: Plan): Generator<Step, void, undefined> {
  let at = 0;
  let next = 0;
  for (const segment of plan.segments) {
    const end = at + segment.length;
    let from = at;
    for (let action = plan.actions[next]; action !== undefined && action.at < end; action = plan.actions[++next]) {
      yield* writes(segment, from - at, action.at - at);
      from = action.at;
      yield* perform(action);
      if (action.do === 'disconnect') return;
    }
    yield* writes(segment, from - at, segment.length);
    at = end;
  }
  for (const action of plan.actions.slice(next)) {
    yield* perform(action);
    if (action.do === 'disconnect') return;
  }
}

/** Bytes that a plan sends at most: its segments and all that is injected. */
export function maximumLength(plan: Plan): number {
  return plan.actions.reduce((sum, action) => sum + (action.do === 'inject' ? action.data.length : 0), plan.length);
}

/** The bytes `from .. to` of a segment, in one new Buffer unless they already are one. */
export function readSegment(segment: Segment, from: number, to: number): Buffer {
  if (Buffer.isBuffer(segment)) return segment.subarray(from, to);
  const bytes = Buffer.allocUnsafe(to - from);
  segment.read(from, bytes);
  return bytes;
}

function* perform(action: Action): Generator<Step, void, undefined> {
  if (action.do === 'inject') {
    yield* writes(action.data, 0, action.data.length);
    return;
  }
  const { at: _, ...step } = action;
  yield step;
}

function* writes(segment: Segment, from: number, to: number): Generator<Step, void, undefined> {
  if (Buffer.isBuffer(segment)) {
    if (from < to) yield { do: 'write', bytes: segment.subarray(from, to) };
    return;
  }
  for (let at = from; at < to; at += chunkSize) {
    yield { do: 'write', bytes: readSegment(segment, at, Math.min(to, at + chunkSize)) };
  }
}
