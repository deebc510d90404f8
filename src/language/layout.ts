/**
 * A resolved message as parts: bytes that are known, and data that chance or files will give.
 * Made once a message; {@link instantiate} turns it into a {@link Plan} once a sending.
 */
import type { WholeNumber } from './scan.js';
import type { Action, Disconnection, Plan, Segment } from './plan.js';
import type { Random } from './random.js';
import type { FullSettings } from './settings.js';
import type { Value } from './values.js';

/** Bytes, or data of known length that are drawn when the message is sent. */
export type Part = Buffer | DrawnPart;

export interface DrawnPart {
  readonly length: number;
  draw(random: Random): Segment;
}

/** An action with an offset that is fixed. */
export type PlannedAction =
  | { readonly offset: WholeNumber; readonly do: 'inject'; readonly data: Part }
  | { readonly offset: WholeNumber; readonly do: 'pause'; readonly seconds: number | 'forever' }
  | { readonly offset: WholeNumber; readonly do: 'rate'; readonly bytesPerSecond: number }
  | { readonly offset: WholeNumber; readonly do: 'disconnect'; readonly how?: Disconnection };

export interface Layout {
  readonly parts: readonly Part[];
  /** By offset, ties as written. */
  readonly actions: readonly PlannedAction[];
  readonly length: number;
  readonly maximumLength: number;
  /** Nothing in it is drawn. */
  readonly fixed: boolean;
}

/** Collects the parts of a message; neighbouring bytes become one Buffer. */
export class PartList {
  private readonly done: Part[] = [];
  private open: Buffer[] = [];
  /** Bytes of all parts so far. */
  length = 0;

  constructor(private readonly settings: FullSettings) {}

  /** Adds bytes, or ISO 8859-1 text. */
  bytes(content: Buffer | string): this {
    this.open.push(typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    this.length += content.length;
    return this;
  }

  /** Adds a value. @param slot names the source of its chance within the message */
  value(value: Value, slot: number): this {
    return this.part(partOf(value, slot, this.settings));
  }

  part(part: Part): this {
    if (Buffer.isBuffer(part)) return this.bytes(part);
    this.close();
    this.done.push(part);
    this.length += part.length;
    return this;
  }

  finish(): Part[] {
    this.close();
    return this.done;
  }

  private close(): void {
    if (this.open.length > 0)
      this.done.push(this.open.length === 1 && this.open[0] ? this.open[0] : Buffer.concat(this.open));
    this.open = [];
  }
}

/** A value as a part. Files are opened here. @throws {FileAccessDenied} */
export function partOf(value: Value, slot: number, { files, random }: FullSettings): Part {
  if (value.bytes) return value.bytes;
  if (!value.isFile) return { length: value.length(files), draw: (source) => value.segment(source.fork(slot), files) };
  const content = value.segment(random, files);
  return Buffer.isBuffer(content) ? content : { length: content.length, draw: () => content };
}

/**
 * Puts parts and actions together.
 * @param place turns offsets of the message as written into offsets of `parts`, keeping their order
 */
export function makeLayout(
  parts: readonly Part[],
  actions: readonly PlannedAction[],
  place?: (offset: WholeNumber) => number,
): Layout {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const injected = actions.reduce((sum, action) => sum + (action.do === 'inject' ? action.data.length : 0), 0);
  const inOrder = [...actions].sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
  return {
    parts,
    actions: place ? inOrder.map((action) => ({ ...action, offset: place(action.offset) })) : inOrder,
    length,
    maximumLength: length + injected,
    fixed: parts.every(isFixed) && actions.every((action) => action.do !== 'inject' || isFixed(action.data)),
  };
}

function isFixed(part: Part): boolean {
  return Buffer.isBuffer(part);
}

/** The plan of one sending, its data drawn from `random`. */
export function instantiate(layout: Layout, random: Random): Plan {
  const { length, fixed } = layout;
  return {
    segments: fixed
      ? layout.parts.filter((part) => Buffer.isBuffer(part))
      : layout.parts.map((part) => draw(part, random)),
    actions: layout.actions.map(({ offset, ...action }): Action => {
      const at = offset < length ? Number(offset) : length;
      return action.do === 'inject' ? { at, do: 'inject', data: draw(action.data, random) } : { at, ...action };
    }),
    length,
    fixed,
  };
}

/** The bytes of a part as `random` draws them. */
export function draw(part: Part, random: Random): Segment {
  return Buffer.isBuffer(part) ? part : part.draw(random);
}

/** `length` bytes of a part from `from` on. */
export function slicePart(part: Part, from: number, length: number): Part {
  if (from === 0 && length === part.length) return part;
  if (Buffer.isBuffer(part)) return part.subarray(from, from + length);
  return { length, draw: (random) => sliceSegment(part.draw(random), from, length) };
}

/** `length` bytes of a segment from `from` on. */
function sliceSegment(segment: Segment, from: number, length: number): Segment {
  if (Buffer.isBuffer(segment)) return segment.subarray(from, from + length);
  return {
    length,
    read(at, into) {
      segment.read(from + at, into);
    },
  };
}
