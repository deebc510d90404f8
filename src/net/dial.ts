import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { ConnectionError } from '../errors.js';
import { absorbErrors } from './absorb-errors.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { formatAddress } from './format-address.js';
import { onAbort } from './on-abort.js';
import { reusedReads } from './reused-reads.js';
import { systemReason } from './system-error.js';

/** Whom to connect to, and how long to try. */
export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** The address of this machine to connect from; as the system chooses when absent. */
  readonly localAddress?: string | undefined;
  /** Milliseconds; as long as the system tries when absent. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** A host with addresses of both families gets this long for each; Node's 250 ms is short on a busy machine. */
const attemptTimeout = 2_000;

/**
 * Connects. The socket may be half open, and has a listener for `error`.
 * @throws {ConnectionError} of phase `connect`; its cause holds Node's error, which `systemReason`
 * takes apart: `[Errno 111] Connection refused`
 */
export function dial(options: DialOptions): Promise<Socket> {
  const { host, port, localAddress, timeout, signal, clock = systemClock } = options;
  const address = formatAddress(host, port);
  const failure = (cause: unknown): ConnectionError =>
    new ConnectionError(`cannot connect to ${address}: ${plainReason(cause, options)}`, 'connect', address, { cause });
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(failure(cancelled(signal)));
      return;
    }
    const settled = new AbortController();
    const onread = reusedReads(() => socket);
    const socket: Socket = connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptTimeout,
      ...(onread !== undefined && { onread }),
      ...(localAddress !== undefined && { localAddress, family: isIP(localAddress) }),
    });
    absorbErrors(socket);
    const forget = onAbort(signal, () => {
      fail(cancelled(signal));
    });
    const settle = (): void => {
      // The default reason, an error with its stack, is costly.
      settled.abort('settled');
      forget();
      socket.off('error', fail);
      socket.off('connect', succeed);
    };
    const fail = (cause: unknown): void => {
      settle();
      socket.destroy();
      reject(failure(cause));
    };
    const succeed = (): void => {
      settle();
      resolve(socket);
    };
    socket.once('error', fail);
    socket.once('connect', succeed);
    if (timeout === undefined) return;
    void clock.wait(timeout, settled.signal).then(() => {
      if (!settled.signal.aborted) fail(timedOut(timeout));
    });
  });
}

function timedOut(timeout: number): Error {
  return Object.assign(new Error(`no answer within ${String(timeout / 1000)} s`), { code: 'ETIMEDOUT' });
}

function cancelled(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('given up', { cause: signal?.reason }), { code: 'ABORT_ERR' });
}

function plainReason(cause: unknown, { host, localAddress }: DialOptions): string {
  const { code, reason } = systemReason(cause);
  if (code === 'ENOTFOUND') return `unknown host ${host}`;
  if (code === 'EADDRNOTAVAIL' && localAddress !== undefined)
    return `${localAddress} is not an address of this machine`;
  // The system's sentence ends ours, so it begins small: "connection refused".
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
