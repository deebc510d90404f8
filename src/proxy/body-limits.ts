/** What the options allow of bodies that pass. */
import { ExchangeFailure } from './exchange-failure.js';
import type { IncomingBody } from './http-stream.js';
import type { GatherLimits } from './message-body.js';
import type { Message } from './message/message.js';
import type { ProxyValues } from './options.js';

/** Whose body it is: the page for one that is too large depends on it. */
type Whose = 'request' | 'response';

/** The limits of the body of a message, which is gathered. */
export function gatherLimits(
  { isReadWhole }: Message,
  { bodySizeLimit, streamLargeBodies }: ProxyValues,
): GatherLimits {
  return { refuseAbove: bodySizeLimit, streamAbove: isReadWhole ? undefined : streamLargeBodies };
}

/** @throws {ExchangeFailure} when the head tells that a body is too large */
export function refuseLarge({ expectedSize = 0 }: IncomingBody, whose: Whose, values: ProxyValues): void {
  if (expectedSize > (values.bodySizeLimit ?? Infinity)) throw tooLarge(whose, values);
}

/** The failure of a body that is too large. */
export function tooLarge(whose: Whose, { bodySizeLimit }: ProxyValues): ExchangeFailure {
  const message = `the body of the ${whose} is larger than body_size_limit allows: ${String(bodySizeLimit)} bytes`;
  return new ExchangeFailure(message, whose === 'request' ? 413 : 502);
}
