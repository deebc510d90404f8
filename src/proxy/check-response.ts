import { failureFor } from './exchange-failure.js';
import type { HttpFlow } from './flow/http-flow.js';
import { Response } from './message/response.js';

/**
 * Looks at what addons have set as the response of a flow: JavaScript does not hold them to types. `null` is no
 * response, as `undefined` is.
 * @param hook that was called
 * @throws {ExchangeFailure} for what is no Response; the flow has none then
 */
export function checkResponse(flow: HttpFlow, hook: string): void {
  const given: unknown = flow.response;
  if (given === undefined || given instanceof Response || isResponse(given)) return;
  flow.response = undefined;
  if (given === null) return;
  throw failureFor(`hook ${hook}`, new TypeError('an addon set flow.response to what is no Response'));
}

/** Whether it is a Response of another copy of this package: there is one for `import` and one for `require`. */
function isResponse(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'statusCode' in given && 'facts' in given;
}
