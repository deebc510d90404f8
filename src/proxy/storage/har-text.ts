/**
 * Text of HTTP archives. Text of messages may hold lone surrogates, which stand for bytes that are no UTF-8: many
 * readers of JSON refuse an archive for these. So there stands other text in their place, and the bytes beside it.
 */
import { encodePercent } from '../message/query.js';
import { encodeUtf8 } from '../message/utf8.js';

/** Text without lone surrogates: when there are some, a character a byte, as browsers show such header fields. */
export function harText(text: string): string {
  return text.isWellFormed() ? text : encodeUtf8(text).toString('latin1');
}

/** Text of a URL or a form without lone surrogates: these bytes are percent-encoded, all else is as it was. */
export function harPercent(text: string): string {
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, (byte) => encodePercent(byte, ''));
}

/** The name of the member beside `key` that has its bytes. It begins with `_`, as what the format does not know. */
export function bytesKey(key: string): string {
  return `${key.startsWith('_') ? '' : '_'}${key}Base64`;
}

/** A member whose bytes are not lost: when it is no UTF-8 they stand beside it in base64. */
export function keptText<Key extends string>(key: Key, text: string): Kept<Key> {
  const members = text.isWellFormed()
    ? { [key]: text }
    : { [key]: harText(text), [bytesKey(key)]: encodeUtf8(text).toString('base64') };
  // The type of a computed key is any string.
  return members as Kept<Key>;
}

/** A member of this name, and the one that has its bytes where needed. */
type Kept<Key extends string> = Readonly<Record<Key, string>> & {
  readonly [Bytes in Key extends `_${string}` ? `${Key}Base64` : `_${Key}Base64`]?: string;
};
