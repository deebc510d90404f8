/** The Set-Cookie header as servers send it and as the ancestor reads it: several cookies may stand in one. */
import { quoteIfNeeded, readUntil, readValue } from './cookies.js';

/** The value of a cookie with its attributes, as written and in order; `Secure` has an empty value. */
export interface CookieValue {
  readonly value: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** A name with what it is set to. */
export type SetCookie = readonly [name: string, cookie: CookieValue];

/** The cookies of a header. */
export function parseSetCookie(header: string): SetCookie[] {
  const cookies: SetCookie[] = [];
  let pairs: (readonly [string, string])[] = [];
  const finish = (): void => {
    const [first, ...attributes] = pairs;
    if (first !== undefined) cookies.push([first[0], { value: first[1], attributes }]);
    pairs = [];
  };
  for (let at = 0; at < header.length; at++) {
    const name = readUntil(header, at, ';=,');
    const trimmed = name.trimStart();
    at += name.length;
    let value = '';
    const isPair = header[at] === '=';
    if (isPair) {
      [value, at] = readValue(header, at + 1, ';,');
      if (trimmed.toLowerCase() === 'expires' && value.length <= 3) {
        // The comma behind the day of the week ends nothing.
        const rest = readUntil(header, at + 1, ';,');
        value += `,${rest}`;
        at += 1 + rest.length;
      }
    }
    if (isPair || trimmed !== '') pairs.push([trimmed, value]);
    if (header[at] === ',') finish();
  }
  finish();
  return cookies;
}

/** Writes a header that sets these cookies. */
export function formatSetCookie(cookies: readonly SetCookie[]): string {
  return cookies
    .map(([name, { value, attributes }]) => [[name, value] as const, ...attributes])
    .map((pairs) => pairs.map(([name, value]) => `${name}=${isFree(name) ? value : quoteIfNeeded(value)}`).join('; '))
    .join(', ');
}

/** Whether an attribute is never quoted. */
function isFree(name: string): boolean {
  return /^(expires|path)$/i.test(name);
}
