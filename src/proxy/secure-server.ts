/** The handshake with a server, and why it failed. */
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { ConnectionError } from '../errors.js';
import { Forwarding } from '../net/forwarding.js';
import type { KeyLog } from '../net/key-log.js';
import { onAbort } from '../net/on-abort.js';
import { tlsOver } from '../net/tls-dial.js';
import { tlsDialReason } from '../net/tls-dial-error.js';

/** How it is made. */
export interface SecureServerHandshake {
  readonly context: SecureContext;
  /** The name to ask for and to verify. */
  readonly serverName: string;
  readonly alpn: readonly string[];
  readonly verify: boolean;
  readonly keyLog: KeyLog | undefined;
  readonly signal: AbortSignal | undefined;
  /** The server, for messages. */
  readonly address: string;
}

/**
 * Shakes hands with a server. When that fails, the stream is closed.
 * @param duplex any stream that leads to it, TLS included
 * @throws {ConnectionError} of phase `tls`; its cause is the error of Node
 */
export function secureServer(duplex: Duplex, handshake: SecureServerHandshake): Promise<TLSSocket> {
  const { context, serverName, alpn, verify, keyLog, signal, address } = handshake;
  const carrier = duplex instanceof TLSSocket ? new Forwarding(duplex) : duplex;
  const socket = tlsOver(carrier, { context, serverName, verifiedName: serverName, protocols: alpn, verify });
  keyLog?.watch(socket);
  return new Promise((resolve, reject) => {
    let forget: (() => void) | undefined = undefined;
    const settle = (): void => {
      socket.off('secureConnect', succeed).off('error', fail).off('close', close);
      forget?.();
    };
    const succeed = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (cause: Error): void => {
      settle();
      socket.destroy();
      duplex.destroy();
      // Node looks at the certificate when the handshake is over.
      const what = isUnverified(socket) ? 'certificate verify failed: ' : '';
      const message = `TLS with ${address} failed: ${what}${tlsDialReason(cause)}`;
      reject(new ConnectionError(message, 'tls', address, { cause }));
    };
    const close = (): void => {
      fail(new Error('the connection was closed in the handshake'));
    };
    socket.on('secureConnect', succeed).on('error', fail).on('close', close);
    forget = onAbort(signal, () => {
      fail(new Error('given up', { cause: signal?.reason }));
    });
  });
}

/** Whether the certificate is why there is no connection. Node's types say that there is always an error. */
function isUnverified({ authorizationError }: { readonly authorizationError?: unknown }): boolean {
  return authorizationError !== undefined && authorizationError !== null;
}
