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
}

/** A failure for which code is to blame. @param what failed */
export function failureFor(what: string, cause: unknown): ExchangeFailure {
  return new ExchangeFailure(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, 502, { cause });
}
