/** The two ends of a relay: notices when it is over, tells how, and closes both. */
import type { Duplex } from 'node:stream';
import { absorbErrors } from '../net/absorb-errors.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { reset } from '../net/reset.js';
import { Stillness } from '../net/stillness.js';
import type { ProxyContext } from './context.js';
import type { BaseFlow } from './flow/base-flow.js';

/** Which of the two. */
export type Side = 'client' | 'server';

/** How a relay came to its end. */
export type RelayEnding =
  /** Both sides have sent all they had to send. */
  | { readonly how: 'end' }
  /** Nothing happened for as long as is allowed. */
  | { readonly how: 'idle' }
  /** It was stopped from here: the flow was killed, or the proxy stops. */
  | { readonly how: 'stopped' }
  /** One side is gone before its time; with the error, if there was one. */
  | { readonly how: 'lost'; readonly side: Side; readonly error: Error | undefined };

export interface RelayEndsOptions {
  /** How long nothing may happen; for ever when absent. */
  readonly seconds?: number;
  /** The flow of what is relayed: when it is killed, the relay is over. */
  readonly flow?: BaseFlow;
  /** Is called when the proxy stops: something can be written still, at once. */
  readonly onStop?: () => void;
}

export class RelayEnds {
  private readonly stillness: Stillness;
  private readonly forget: () => void;
  private ending: RelayEnding | undefined;
  private tell: (ending: RelayEnding) => void = () => undefined;

  constructor(
    private readonly proxy: ProxyContext,
    readonly client: Duplex,
    readonly server: Duplex,
    private readonly options: RelayEndsOptions = {},
  ) {
    const { flow, seconds } = options;
    for (const side of ['client', 'server'] as const) this.watch(side);
    this.stillness = new Stillness(proxy.clock, seconds, () => {
      this.finish({ how: 'idle' });
      this.destroy();
    });
    const stop = (): void => {
      this.finish({ how: 'stopped' });
      // A flow that is held stays so without its peers, but not without the proxy.
      flow?.resume();
    };
    this.forget = onAbort(proxy.signal, () => {
      options.onStop?.();
      stop();
    });
    flow?.onKill(stop);
  }

  /** Whether the relay is over. */
  get over(): boolean {
    return this.ending !== undefined;
  }

  /** Something happened. */
  touch(): void {
    this.stillness.touch();
  }

  /** Ends the relay. The first to say so is right. */
  finish(ending: RelayEnding): void {
    if (this.ending !== undefined) return;
    this.ending = ending;
    this.tell(ending);
  }

  /** Resolves when the relay is over. */
  finished(): Promise<RelayEnding> {
    const { ending } = this;
    if (ending !== undefined) return Promise.resolve(ending);
    return new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  /**
   * Closes both ends: in order, so that all that was written arrives, when both sides have ended; with a reset for the
   * side that is left, when the other was lost by an error. Resolves when both are closed.
   */
  async close(): Promise<void> {
    const { client, server, ending, proxy } = this;
    const lost = ending?.how === 'lost' ? ending : undefined;
    if (lost?.error !== undefined) reset(lost.side === 'client' ? server : client);
    if (lost?.error !== undefined || ending?.how === 'stopped') this.destroy();
    await Promise.all([hangUp(client, proxy.clock, proxy.signal), hangUp(server, proxy.clock, proxy.signal)]);
    this.stillness.stop();
    this.forget();
    this.options.flow?.onKill();
  }

  private destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }

  private watch(side: Side): void {
    const duplex = this[side];
    absorbErrors(duplex);
    const note = (): void => {
      // One that both sides have ended is closed in order. And when it had not ended, what was received before is
      // still to be passed on: whoever reads it notices the loss behind it.
      if (!duplex.readableEnded || duplex.writableFinished) return;
      this.finish({ how: 'lost', side, error: duplex.errored ?? undefined });
    };
    if (duplex.destroyed) note();
    else duplex.once('close', note);
  }
}
