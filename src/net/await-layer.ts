import { isError } from '../errors.js';
import type { Duplex } from 'node:stream';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { onAbort } from './on-abort.js';

/** How long a layer may take, and what calls it off. */
export interface LayerPatience {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** Why a layer was given up, as the cause of a ConnectionError. */
export type GivenUp = Error & { readonly code: 'ETIMEDOUT' | 'ABORT_ERR' };

/**
 * Waits for a layer that is being made over a stream, as long as timeout and signal allow. Giving it up destroys the
 * stream, which ends whatever waits for it.
 * @param errorOf turns what the layer rejected with, or why it was given up, into what is thrown
 */
export async function awaitLayer<T>(
  duplex: Duplex,
  layer: Promise<T>,
  { timeout, signal, clock = systemClock }: LayerPatience,
  errorOf: (cause: unknown) => unknown,
): Promise<T> {
  const over = new AbortController();
  let givenUp: GivenUp | undefined;
  const giveUp = (code: GivenUp['code'], message: string): void => {
    givenUp = Object.assign(new Error(message, { cause: signal?.reason }), { code });
    duplex.destroy(givenUp);
  };
  const forget = onAbort(signal, () => {
    giveUp('ABORT_ERR', 'given up');
  });
  void clock.wait(timeout, over.signal).then(() => {
    if (!over.signal.aborted) giveUp('ETIMEDOUT', `no answer within ${String(timeout / 1000)} s`);
  });
  try {
    return await layer;
  } catch (error) {
    throw errorOf(givenUp ?? error);
  } finally {
    forget();
    over.abort('over');
  }
}

/** Whether {@link awaitLayer} gave a layer up, rather than the layer having failed. */
export function isGivenUp(cause: unknown): cause is GivenUp {
  return isError(cause) && 'code' in cause && (cause.code === 'ETIMEDOUT' || cause.code === 'ABORT_ERR');
}
