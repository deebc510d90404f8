import { isError, isOwnError } from '../errors.js';
import type { StreamFilter } from './message/message.js';

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

/** Why an exchange cannot be completed in which a function failed that an addon gave for a body. */
export class StreamFailure extends ExchangeFailure {
  constructor(
    readonly filter: StreamFilter,
    cause: unknown,
  ) {
    super(`the stream function of the message failed: ${reasonOf(cause)}`, 502, { cause });
  }

  override get isOfCode(): boolean {
    return true;
  }
}

/** The failure of an exchange in which something was thrown. */
export function exchangeFailure(cause: unknown): ExchangeFailure {
  if (cause instanceof ExchangeFailure) return cause;
  if (isOwnError(cause)) return new ExchangeFailure(cause.message, 502, { cause });
  return new ExchangeFailure(`internal error: ${reasonOf(cause)}`, 502, { cause });
}

/** What is wrong with a request, as its sender is told; what is not of the network or a protocol stays as it is. */
export function clientFailure(error: unknown): unknown {
  return isOwnError(error) ? new ExchangeFailure(error.message, 400, { cause: error }) : error;
}

function reasonOf(cause: unknown): string {
  return isError(cause) ? cause.message : String(cause);
}
