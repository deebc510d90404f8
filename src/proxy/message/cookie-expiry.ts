import { parseHttpDate } from './http-date.js';
import type { CookieValue } from './set-cookie.js';

/**
 * When a cookie expires, in seconds since 1970; undefined when that is not said. Expires wins over Max-Age, the last
 * of each counts.
 * @param now when it was set
 */
export function cookieExpiry({ attributes }: Pick<CookieValue, 'attributes'>, now: number): number | undefined {
  const last = (name: string): string | undefined => attributes.findLast(([key]) => key.toLowerCase() === name)?.[1];
  const expires = last('expires');
  const date = expires === undefined ? undefined : parseHttpDate(expires);
  if (date !== undefined) return date;
  const age = last('max-age')
    ?.trim()
    .replace(/(?<=\d)_(?=\d)/g, '');
  return age !== undefined && /^[+-]?\d+$/.test(age) ? now + Number(age) : undefined;
}
