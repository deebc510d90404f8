/** `application/x-www-form-urlencoded`, of queries and bodies; text is UTF-8 that loses no byte. */
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** Name and value of every pair; a name without `=` has an empty value. */
export function decodePairs(text: string): (readonly [name: string, value: string])[] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decodePercent(name.replaceAll('+', ' ')), decodePercent(value.replaceAll('+', ' '))];
    });
}

/**
 * Writes pairs.
 * @param like text whose habit is kept: names stand without `=` when one does so there
 */
export function encodePairs(pairs: readonly (readonly [name: string, value: string])[], like = ''): string {
  const isBare = like !== '' && like.split('&').some((pair) => !pair.includes('='));
  return pairs
    .map(([name, value]) => {
      const text = encodePercent(name, ' ').replaceAll(' ', '+');
      return value === '' && isBare ? text : `${text}=${encodePercent(value, ' ').replaceAll(' ', '+')}`;
    })
    .join('&');
}

/** Undoes percent-encoding; what is none stays as it is. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = encodeUtf8(text).toString('latin1');
  const plain = bytes.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return decodeUtf8(Buffer.from(plain, 'latin1'));
}

/** Percent-encodes all but the unreserved characters (RFC 3986, section 2.3) and those given. */
export function encodePercent(text: string, safe: string): string {
  const bytes = encodeUtf8(text).toString('latin1');
  return bytes.replace(/[^A-Za-z0-9_.~-]/g, (character) =>
    safe.includes(character) ? character : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
