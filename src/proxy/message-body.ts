/** Bodies on their way through an exchange: gathered, or passed on as they arrive. */
import { StreamFailure } from './exchange-failure.js';
import { types } from 'node:util';
import { showValue } from '../options/show-value.js';
import { GatheredBytes } from '../wire/gathered-bytes.js';
import type { IncomingBody, OutgoingBody } from './http-stream.js';
import type { Message, StreamFilter } from './message/message.js';
import { encodeUtf8 } from './message/utf8.js';

/** Bounds of a body that is gathered, in bytes. */
export interface GatherLimits {
  /** More than that is refused. */
  readonly refuseAbove: number | undefined;
  /** More than that is passed on as it arrives. */
  readonly streamAbove: number | undefined;
}

/** What became of a body: all of it is there, it is too large to be kept, or too large altogether. */
export type Gathered = 'whole' | 'large' | 'refused';

const nothing: Buffer = Buffer.alloc(0);

/**
 * Reads a body into its message, until it is whole or exceeds a limit.
 * @returns a promise only when there is something to wait for
 * @throws what reading throws
 */
export function gatherBody(message: Message, body: IncomingBody, limits: GatherLimits): Gathered | Promise<Gathered> {
  message.rawContent = nothing;
  const { expectedSize } = body;
  if (body.isEmpty || expectedSize === 0) return whole(message, body);
  if (expectedSize !== undefined) {
    if (expectedSize > (limits.refuseAbove ?? Infinity)) return 'refused';
    if (expectedSize > (limits.streamAbove ?? Infinity)) return 'large';
  }
  message.rawContent = undefined;
  return gather(message, body, limits, 0);
}

function gather(
  message: Message,
  body: IncomingBody,
  limits: GatherLimits,
  before: number,
): Gathered | Promise<Gathered> {
  const { refuseAbove = Infinity, streamAbove = Infinity } = limits;
  let size = before;
  for (;;) {
    const piece = body.read();
    if (piece instanceof Promise) return gatherLater(message, body, limits, size, piece);
    if (piece === undefined) return whole(message, body);
    message.receive(piece);
    size += piece.length;
    if (size > refuseAbove) return 'refused';
    if (size > streamAbove) return 'large';
  }
}

async function gatherLater(
  message: Message,
  body: IncomingBody,
  limits: GatherLimits,
  before: number,
  reading: Promise<Buffer | undefined>,
): Promise<Gathered> {
  let size = before;
  let piece = await reading;
  while (piece !== undefined) {
    message.receive(piece);
    size += piece.length;
    if (size > (limits.refuseAbove ?? Infinity)) return 'refused';
    if (size > (limits.streamAbove ?? Infinity)) return 'large';
    const next = body.read();
    piece = next instanceof Promise ? await next : next;
  }
  return whole(message, body);
}

function whole(message: Message, body: IncomingBody): 'whole' {
  message.rawContent ??= nothing;
  if (body.trailers !== undefined) message.trailers = body.trailers;
  return 'whole';
}

/** What a filter makes of a body is as long as it is. */
export function forgetLength(message: Message, body: IncomingBody): void {
  if (typeof message.stream === 'function' && !body.isEmpty) message.headers.delete('content-length');
}

/**
 * Passes a body on as it arrives, through the filter of its message; what was gathered of it goes first. Does not
 * end the outgoing body. Stops when nobody takes it any more.
 * @param keeps whether the message keeps what is sent, once all of it was
 * @returns whether all was passed on
 * @throws what reading throws, and the filter
 */
export async function streamBody(
  message: Message,
  body: IncomingBody,
  outgoing: Pick<OutgoingBody, 'write' | 'isLost'>,
  keeps: boolean,
): Promise<boolean> {
  const first = message.rawContent;
  const kept = new GatheredBytes();
  message.rawContent = undefined;
  const send = async (piece: Buffer): Promise<void> => {
    if (keeps) kept.write(piece);
    await outgoing.write(piece);
  };
  const filter = typeof message.stream === 'function' ? message.stream : undefined;
  if (first !== undefined && first.length > 0) for (const piece of filtered(filter, first)) await send(piece);
  for (;;) {
    if (outgoing.isLost) return false;
    const reading = body.read();
    const piece = reading instanceof Promise ? await reading : reading;
    if (piece === undefined) break;
    if (filter === undefined && !keeps) {
      const written = outgoing.write(piece, false);
      if (written instanceof Promise) await written;
    } else for (const part of filtered(filter, piece)) await send(part);
  }
  // A filter learns of the end by an empty chunk.
  for (const part of filter === undefined ? [] : filtered(filter, nothing)) await send(part);
  if (body.trailers !== undefined) message.trailers = body.trailers;
  if (keeps) message.rawContent = kept.take();
  return true;
}

function filtered(filter: StreamFilter | undefined, piece: Buffer): Iterable<Buffer> {
  if (filter === undefined) return [piece];
  try {
    return buffersOf(filter(piece));
  } catch (error) {
    throw new StreamFailure(filter, error);
  }
}

/** What a filter gave. @throws {TypeError} for what cannot be sent: types do not bind JavaScript */
function buffersOf(given: unknown): Buffer[] {
  if (typeof given === 'string' || types.isUint8Array(given)) return [bufferOf(given)];
  if (types.isPromise(given)) {
    // It may fail as well, and is waited for by nobody.
    given.catch(() => undefined);
    throw misfit('it gave a promise, and has to give at once what is sent');
  }
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) throw unsendable(given);
  return Array.from(given as Iterable<unknown>, bufferOf);
}

function bufferOf(given: unknown): Buffer {
  if (typeof given !== 'string' && !types.isUint8Array(given)) throw unsendable(given);
  if (typeof given === 'string') return encodeUtf8(given);
  return Buffer.isBuffer(given) ? given : Buffer.from(given.buffer, given.byteOffset, given.length);
}

function unsendable(given: unknown): TypeError {
  return misfit(`it gave ${showValue(given)} in place of a Buffer, text, or a list of these`);
}

/** An error without a place: that would be one of this file. */
function misfit(message: string): TypeError {
  return Object.assign(new TypeError(message), { stack: '' });
}
