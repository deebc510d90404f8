import type { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import { pump } from './pump.js';

/** A client's handshake with a proxy: push bytes in, pull steps out. */
export interface ProxyHandshake {
  receive(chunk: Buffer): void;
  /** The proxy has ended. Throws a ProtocolError, from here or from the next {@link next}. */
  finish(): void;
  /** The next step; undefined when bytes are needed for it. Throws a ProtocolError. */
  next(): { readonly type: 'send'; readonly bytes: Buffer } | { readonly type: 'connected' } | undefined;
  /** What came behind the handshake. */
  detach(): Buffer;
}

/**
 * Holds a handshake over a stream. When it is over, the stream is paused and gives what comes behind it first.
 * @throws {ProtocolError} when the proxy refuses, or leaves: the stream is left as it is
 */
export async function shakeHands(duplex: Duplex, handshake: ProxyHandshake): Promise<void> {
  absorbErrors(duplex);
  const goOn = (): 'connected' | undefined => {
    for (let step = handshake.next(); step !== undefined; step = handshake.next()) {
      if (step.type === 'connected') return 'connected';
      duplex.write(step.bytes);
    }
    return undefined;
  };
  goOn();
  const pumped = await pump(duplex, (chunk) => {
    handshake.receive(chunk);
    return goOn() === 'connected' ? 'stop' : undefined;
  });
  if (pumped.how === 'stopped') {
    const rest = Buffer.concat([handshake.detach(), pumped.rest]);
    if (rest.length > 0) duplex.unshift(rest);
    return;
  }
  handshake.finish();
  goOn();
}
