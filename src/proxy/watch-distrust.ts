import type { TLSSocket } from 'node:tls';
import type { Clock } from '../net/clock.js';
import { tlsClientFailure } from './tls-client-failure.js';

/** Milliseconds in which a client that leaves without a word has probably seen a certificate that it does not like. */
const prompt = 100;

/**
 * Looks for clients that refuse our certificate when the handshake is over for us: by an alert, or by leaving at once.
 * Those of Node do so with TLS 1.2.
 * @param name what the certificate is for
 * @param tell is given the likely cause, at most once
 */
export function watchDistrust(socket: TLSSocket, name: string, clock: Clock, tell: (cause: string) => void): void {
  const began = clock.now();
  const look = (error?: Error): void => {
    socket.off('error', look).off('end', look);
    // One that got something, or that we left, has its reasons.
    const isSilent = !socket.readableDidRead && socket.bytesWritten === 0 && !socket.writableEnded;
    if (isSilent && clock.now() - began < prompt) tell(tlsClientFailure(error, name));
  };
  socket.on('error', look).on('end', look);
}
