import { reasonFor } from '../../language/reasons.js';

/** Phrases of mitmproxy that pathod does not have, or has otherwise. */
const own: Readonly<Record<number, string>> = { 102: 'Processing', 413: 'Payload Too Large', 444: 'No Response' };

const unknown = reasonFor('0');

/** The phrase that mitmproxy gives to a status code, when it has one. */
export function reasonPhrase(statusCode: number): string | undefined {
  const phrase = own[statusCode] ?? reasonFor(String(statusCode));
  return phrase === unknown ? undefined : phrase;
}
