import type { Duplex } from 'node:stream';

/**
 * Writes a chunk.
 * @returns a promise when the stream wants no more for now: it resolves once it does, or is gone; it never rejects
 */
export function writeTo(duplex: Duplex, chunk: Buffer): void | Promise<void> {
  if (duplex.destroyed || duplex.writableEnded || duplex.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const settle = (): void => {
      duplex.off('drain', settle).off('close', settle);
      resolve();
    };
    duplex.on('drain', settle).on('close', settle);
  });
}
