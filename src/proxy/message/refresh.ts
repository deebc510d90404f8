/** Moves the times in the headers of a response that is sent again. */
import type { Headers } from './headers.js';
import { formatHttpDate, parseHttpDate } from './http-date.js';
import { formatSetCookie, parseSetCookie } from './set-cookie.js';
import type { CookieValue } from './set-cookie.js';

/** Headers with Date, Expires, Last-Modified and the expiry of cookies moved by `delta` seconds. */
export function refreshedHeaders(headers: Headers, delta: number): Headers {
  const refreshed = headers.clone();
  for (const name of ['date', 'expires', 'last-modified']) {
    const time = parseHttpDate(refreshed.get(name) ?? '');
    if (time !== undefined) refreshed.set(name, formatHttpDate(time + delta));
  }
  if (refreshed.has('set-cookie')) {
    const cookies = refreshed.getAll('set-cookie').map((header) => refreshedCookies(header, delta) ?? header);
    refreshed.setAll('set-cookie', cookies);
  }
  return refreshed;
}

/** A Set-Cookie header with its expiry moved; `undefined` when a cookie lacks its name or its value. */
export function refreshedCookies(header: string, delta: number): string | undefined {
  const cookies = parseSetCookie(header);
  if (cookies.some(([name, { value }]) => name === '' || value === '')) return undefined;
  return formatSetCookie(cookies.map(([name, cookie]) => [name, refreshedCookie(cookie, delta)]));
}

/** The last expiry counts, and takes the place of the first. One that is no date is left out. */
function refreshedCookie({ value, attributes }: CookieValue, delta: number): CookieValue {
  const isExpiry = ([name]: readonly [string, string]): boolean => name.toLowerCase() === 'expires';
  const first = attributes.findIndex(isExpiry);
  if (first === -1) return { value, attributes };
  const time = parseHttpDate(attributes.findLast(isExpiry)?.[1] ?? '');
  const kept = attributes.flatMap((attribute, i) => {
    if (!isExpiry(attribute)) return [attribute];
    return i === first && time !== undefined ? [[attribute[0], formatHttpDate(time + delta)] as const] : [];
  });
  return { value, attributes: kept };
}
