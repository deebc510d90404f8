import type { EventEmitter } from 'node:events';

/**
 * Gives a stream a listener for `error` that does nothing, once: Node throws when there is none.
 * An error on a stream is followed by its `close`, which is what everything here looks at.
 */
export function absorbErrors(stream: EventEmitter): void {
  if (!stream.listeners('error').includes(absorb)) stream.on('error', absorb);
}

function absorb(): void {
  // Whoever reads or writes the stream learns of it from `close`.
}
