import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import { onAbort } from './on-abort.js';

/** How a look at the first bytes ended. */
export type Peeked =
  /** What was looked for is in the bytes, or it was given up. They are back in the stream, which is paused. */
  | { readonly how: 'seen'; readonly bytes: Buffer }
  /** The peer ended its side, or the stream closed, before that. The bytes are not in the stream any more. */
  | { readonly how: 'end' | 'closed'; readonly bytes: Buffer };

/**
 * Looks at the first bytes of a stream and puts them back, for whoever is to read it after that.
 * Never rejects.
 * @param first what was read from the stream already, and is to be seen and put back as well
 * @param isEnough whether these bytes tell what one wants to know; it must say so of long ones
 * @param signal gives up looking when it aborts
 */
export function peek(
  duplex: Duplex,
  first: Buffer,
  isEnough: (bytes: Buffer) => boolean,
  signal?: AbortSignal,
): Promise<Peeked> {
  absorbErrors(duplex);
  return new Promise((resolve) => {
    let bytes = first;
    let forget: (() => void) | undefined;
    const settle = (how: Peeked['how']): void => {
      duplex.off('data', receive).off('end', end).off('close', close);
      forget?.();
      duplex.pause();
      if (how === 'seen' && bytes.length > 0) duplex.unshift(bytes);
      resolve({ how, bytes });
    };
    const receive = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      if (isEnough(bytes)) settle('seen');
    };
    const end = (): void => {
      settle('end');
    };
    const close = (): void => {
      settle('closed');
    };
    if (duplex.readableEnded) end();
    else if (duplex.destroyed) close();
    else if (bytes.length > 0 && isEnough(bytes)) settle('seen');
    else {
      duplex.on('data', receive).on('end', end).on('close', close).resume();
      forget = onAbort(signal, () => {
        settle('seen');
      });
    }
  });
}
