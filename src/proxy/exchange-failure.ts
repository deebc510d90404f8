import { isError, isOwnError } from '../errors.js';

/** Why an exchange cannot be completed, as its flow and the client are told. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';

  /** @param status of the page that the client gets, when it can still get one; undefined for none */
  constructor(
    message: string,
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether it is nobody's fault but of code: an addon's, perhaps. */
  get isOfCode(): boolean {
    return this.cause !== undefined && !isOwnError(this.cause);
  }
}

/** The failure of an exchange in which something was thrown. */
export function exchangeFailure(cause: unknown): ExchangeFailure {
  if (cause instanceof ExchangeFailure) return cause;
  return isOwnError(cause) ? new ExchangeFailure(cause.message, 502, { cause }) : failureFor('internal error', cause);
}

/** A failure for which code is to blame. @param what failed */
export function failureFor(what: string, cause: unknown): ExchangeFailure {
  return new ExchangeFailure(`${what}: ${isError(cause) ? cause.message : String(cause)}`, 502, { cause });
}

/** What is wrong with a request, as its sender is told; what is not of the network or a protocol stays as it is. */
export function clientFailure(error: unknown): unknown {
  return isOwnError(error) ? new ExchangeFailure(error.message, 400, { cause: error }) : error;
}
