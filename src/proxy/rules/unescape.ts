/** Escapes as Python's literals of bytes have them: `\n`, `\x41`, `\101`. */

const letters: Readonly<Record<string, number>> = {
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
};

/**
 * The bytes of a text in which escapes stand for bytes; the rest is UTF-8. A backslash before anything else stays.
 * @throws {TypeError} for a backslash at the end, and `\x` without two digits
 */
export function unescapeBytes(text: string): Buffer {
  const bytes = Buffer.from(text).toString('latin1');
  const read = bytes.replace(/\\(?:x([\da-f]{2})|([0-7]{1,3})|([^])|$)/gi, (whole, hex, octal, other): string => {
    if (typeof hex === 'string') return String.fromCharCode(Number.parseInt(hex, 16));
    if (typeof octal === 'string') return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (typeof other !== 'string') throw new TypeError('there is a backslash at the end');
    if (other === 'x') throw new TypeError('there are not two hexadecimal digits behind \\x');
    if (other === '\n') return '';
    const code = letters[other];
    return code === undefined ? whole : String.fromCharCode(code);
  });
  return Buffer.from(read, 'latin1');
}
