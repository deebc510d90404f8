import type { Duplex } from 'node:stream';

/**
 * Writes a chunk.
 * @param onSent called when it was sent, unless that failed
 * @returns a promise when the stream wants no more for now: it resolves once it does, or is gone; it never rejects
 */
export function writeTo(duplex: Duplex, chunk: Buffer, onSent?: () => void): void | Promise<void> {
  if (duplex.destroyed || duplex.writableEnded) return undefined;
  const wantsMore = onSent === undefined ? duplex.write(chunk) : duplex.write(chunk, unlessFailed(onSent));
  if (wantsMore) return undefined;
  return new Promise((resolve) => {
    const settle = (): void => {
      duplex.off('drain', settle).off('close', settle);
      resolve();
    };
    duplex.on('drain', settle).on('close', settle);
  });
}

/** As {@link writeTo}, the pieces of a message in one go. */
export function writePieces(duplex: Duplex, pieces: readonly Buffer[]): void | Promise<void> {
  let waiting: Promise<void> | undefined;
  duplex.cork();
  for (const piece of pieces) waiting = writeTo(duplex, piece) ?? undefined;
  duplex.uncork();
  return waiting;
}

function unlessFailed(onSent: () => void): (error: Error | null | undefined) => void {
  return (error) => {
    if (!error) onSent();
  };
}
