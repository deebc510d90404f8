/** Backslash escapes of literals: reading them, and writing bytes so that they read back. */
import { SpecError } from '../errors.js';

const simple: Readonly<Record<string, number>> = {
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  f: 0x0c,
  a: 0x07,
  b: 0x08,
  v: 0x0b,
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
};

/**
 * The bytes of a literal. Unknown escapes stay as written, their backslash included; a character
 * outside ASCII stands for its UTF-8 bytes.
 * @param text the literal as written, without quotes
 * @param at offset of `text` in `spec`, for errors
 * @throws {SpecError} for `\x` without two hexadecimal digits, and for a backslash at the end
 */
export function decodeEscapes(text: string, spec: string, at: number): Buffer {
  if (!text.includes('\\')) return Buffer.from(text, 'utf8');
  const source = Buffer.from(text, 'utf8');
  const bytes = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let i = 0; i < source.length;) {
    const byte = source[i] ?? 0;
    if (byte !== 0x5c) {
      bytes[length++] = byte;
      i++;
      continue;
    }
    const escape = readEscape(source, i, spec, at);
    for (const decoded of escape.bytes) bytes[length++] = decoded;
    i = escape.end;
  }
  return bytes.subarray(0, length);
}

function readEscape(source: Buffer, at: number, spec: string, base: number): { bytes: readonly number[]; end: number } {
  const mistake = (message: string, expected: string): SpecError =>
    new SpecError(message, {
      spec,
      offset: base + source.subarray(0, at).toString('utf8').length,
      expected: [expected],
    });
  if (at + 1 === source.length) throw mistake('a value cannot end in a single backslash', 'two backslashes for one');
  const character = String.fromCharCode(source[at + 1] ?? 0);
  if (character === '\n') return { bytes: [], end: at + 2 };
  if (character === 'x') {
    const digits = source.toString('latin1', at + 2, at + 4);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
      throw mistake('\\x needs two hexadecimal digits', 'two of 0-9 a-f A-F behind \\x');
    }
    return { bytes: [parseInt(digits, 16)], end: at + 4 };
  }
  const octal = /^[0-7]{1,3}/.exec(source.toString('latin1', at + 1, at + 4));
  if (octal) return { bytes: [parseInt(octal[0], 8) & 0xff], end: at + 1 + octal[0].length };
  const known = simple[character];
  return known === undefined ? { bytes: [0x5c], end: at + 1 } : { bytes: [known], end: at + 2 };
}

const encoded = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x0a) return '\\n';
  if (byte === 0x0d) return '\\r';
  if (byte === 0x09) return '\\t';
  if (byte === 0x5c) return '\\\\';
  if (byte < 0x20 || byte > 0x7e || byte === 0x27) return `\\x${byte.toString(16).padStart(2, '0')}`;
  return String.fromCharCode(byte);
});

/** Bytes as escaped text that {@link decodeEscapes} reads back, safe between single quotes. */
export function encodeEscapes(bytes: Iterable<number>): string {
  let text = '';
  for (const byte of bytes) text += encoded[byte] ?? '';
  return text;
}
