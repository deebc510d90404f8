/** Bytes and text that may hold anything, made fit to be printed, and read back. */

const named: Readonly<Record<string, string>> = { "'": "\\'", '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** What stays as it is. */
export interface EscapeOptions {
  /** Whether line ends and tabs stay. */
  readonly keepSpacing?: boolean;
  /** Whether an apostrophe is escaped, so that the text can stand between apostrophes. */
  readonly escapeApostrophes?: boolean;
}

/**
 * Bytes as text: printable ASCII as it is, all else as escapes, such as `\xff`. As in the ancestor, backslashes
 * before a character that could be escaped and is not are written as one escaped backslash, however many they are.
 */
export function escapeBytes(
  bytes: Uint8Array,
  { keepSpacing = false, escapeApostrophes = false }: EscapeOptions = {},
): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return text.replace(/(\\*)([^\x20-\x26\x28-\x7e])|\\+/g, (all, slashes?: string, character?: string) => {
    if (slashes === undefined || character === undefined) return all.repeat(2);
    const isKept = character === "'" ? !escapeApostrophes : keepSpacing && /[\t\n\r]/.test(character);
    if (isKept) return (slashes === '' ? '' : '\\\\') + character;
    return slashes.repeat(2) + (named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  });
}

/** Text whose control characters are dots. With `keepSpacing`, line ends and tabs stay. */
export function dotControls(text: string, keepSpacing = true): string {
  return text.replace(keepSpacing ? /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g : /[\0-\x1f\x7f]/g, '.');
}

const oneCharacter: Readonly<Record<string, number>> = {
  ...{ '\\': 0x5c, "'": 0x27, '"': 0x22, a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 },
};

/**
 * The bytes that text with escapes stands for, as in a literal of Python; text is UTF-8.
 * @throws {TypeError} when an escape is not complete
 */
export function unescapeBytes(text: string): Buffer {
  // A pattern that matches a backslash in any case leaves none that was not looked at.
  const plain = Buffer.from(text).toString('latin1');
  const bytes = plain.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|[^]|$)/gi, (escape, rest: string, at: number) => {
    if (rest === '') throw new TypeError('the text ends within an escape');
    if (rest.length === 3 && /^x/.test(rest)) return String.fromCharCode(Number.parseInt(rest.slice(1), 16));
    if (/^[0-7]/.test(rest)) return String.fromCharCode(Number.parseInt(rest, 8) & 0xff);
    if (rest === 'x') throw new TypeError(`an escape of two hexadecimal digits was expected at ${String(at)}`);
    if (rest === '\n') return '';
    const code = oneCharacter[rest];
    return code === undefined ? escape : String.fromCharCode(code);
  });
  return Buffer.from(bytes, 'latin1');
}
