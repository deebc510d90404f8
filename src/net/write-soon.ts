import type { Duplex } from 'node:stream';
import { writePieces } from './write-to.js';

/** Streams that hold back what is written until this turn of the event loop is over. */
let heldBack: Duplex[] = [];

/**
 * Writes the pieces of a message when this turn of the event loop is over, in one go with what else it has for the
 * stream. Whoever serves many connections at a time wakes the processes at their other ends less often so: that is
 * what a write to this machine costs most.
 * @returns a promise when the stream wants no more for now: it resolves once it does, or is gone; it never rejects
 */
export function writeSoon(duplex: Duplex, pieces: readonly Buffer[]): void | Promise<void> {
  // Whoever holds it back already lets it go, too.
  if (duplex.writableCorked === 0) holdBack(duplex);
  return writePieces(duplex, pieces);
}

function holdBack(duplex: Duplex): void {
  duplex.cork();
  heldBack.push(duplex);
  if (heldBack.length === 1) setImmediate(letGo);
}

function letGo(): void {
  const duplexes = heldBack;
  heldBack = [];
  for (const duplex of duplexes) duplex.uncork();
}
