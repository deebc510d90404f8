import { isError } from '../errors.js';
import { getSystemErrorMap } from 'node:util';

/** What the operating system said, in pieces. */
export interface SystemReason {
  /** `ECONNREFUSED`, or an empty text when there is none. */
  readonly code: string;
  /** The number that C programs know it by on this machine: 111 for a refused connection on Linux. */
  readonly number: number | undefined;
  /** `Connection refused`. */
  readonly reason: string;
  /** Number and reason: `[Errno 111] Connection refused`. */
  readonly text: string;
}

/** Name lookups have numbers of their own in libuv; these are the ones of the C library. */
const lookups: Readonly<Record<string, readonly [number: number, reason: string]>> = {
  ENOTFOUND: [-2, 'Name or service not known'],
  EAI_NONAME: [-2, 'Name or service not known'],
  EAI_AGAIN: [-3, 'Temporary failure in name resolution'],
};

/** Takes an error of Node's network or file functions apart. Of many tries, the last one counts. */
export function systemReason(error: unknown): SystemReason {
  if (error instanceof AggregateError && error.errors.length > 0) return systemReason(error.errors.at(-1));
  const code = textOf(error, 'code');
  const lookup = lookups[code];
  if (lookup !== undefined) return reasonOf(code, lookup[0], lookup[1]);
  const number = numberOf(error);
  const known = number === undefined ? undefined : getSystemErrorMap().get(number)?.[1];
  if (number !== undefined && known !== undefined) {
    return reasonOf(code, -number, known.charAt(0).toUpperCase() + known.slice(1));
  }
  return reasonOf(code, undefined, isError(error) ? error.message : String(error));
}

function reasonOf(code: string, number: number | undefined, reason: string): SystemReason {
  return { code, number, reason, text: number === undefined ? reason : `[Errno ${String(number)}] ${reason}` };
}

function textOf(error: unknown, field: 'code'): string {
  return isError(error) && field in error && typeof error[field] === 'string' ? error[field] : '';
}

function numberOf(error: unknown): number | undefined {
  return isError(error) && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}
