import type { Duplex } from 'node:stream';

/**
 * Tells when a stream wants more.
 * @returns a promise when it wants no more for now: it resolves once it does, or is gone; it never rejects
 */
export function drained(duplex: Duplex): void | Promise<void> {
  if (!duplex.writableNeedDrain || duplex.destroyed) return undefined;
  return new Promise((resolve) => {
    const settle = (): void => {
      duplex.off('drain', settle).off('close', settle);
      resolve();
    };
    duplex.on('drain', settle).on('close', settle);
  });
}
