import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { giveBack } from './reused-reads.js';
import { writeTo } from './write-to.js';

/**
 * Writes a chunk that was read from a socket and that nobody keeps: its memory is used again once it is sent.
 * @returns a promise when the stream wants no more for now: it resolves once it does, or is gone; it never rejects
 */
export function passOn(duplex: Duplex, chunk: Buffer): void | Promise<void> {
  // Other streams may keep what they have written.
  if (!(duplex instanceof Socket)) return writeTo(duplex, chunk);
  return writeTo(duplex, chunk, () => {
    giveBack(chunk);
  });
}
