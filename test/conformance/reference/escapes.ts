/** Backslash escapes, read by one regular expression. Texts are ISO 8859-1: one character is one byte. */
import { Rejection } from './rejection.js';

const simple = new Map(Object.entries({ n: '\n', r: '\r', t: '\t', f: '\f', a: '\x07', b: '\b', v: '\v' }));
for (const sign of `\\'"`) simple.set(sign, sign);
simple.set('\n', '');

/** Ordinary decoding. @throws {Rejection} for an unfinished escape (Q05) */
export function decodeEscapes(text: string): Buffer {
  const decoded = text.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[^]|$)/g, (whole: string, code: string) => {
    if (code === '' || code === 'x') throw new Rejection('unfinished escape', 'Q05');
    if (code.length === 3 && code.startsWith('x')) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8) & 0xff);
    return simple.get(code) ?? whole;
  });
  return Buffer.from(decoded, 'latin1');
}

/** As the recorded program decodes quoted text: four escapes first, blind to a backslash before them (Q03). */
export function decodeAsRecorded(text: string): Buffer | undefined {
  try {
    return decodeEscapes(text.replace(/\\([ntfr])/g, (_, letter: string) => simple.get(letter) ?? ''));
  } catch {
    return undefined;
  }
}

/** Bytes as canonical text writes them. */
export function encodeEscapes(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }[character];
      const plain = byte >= 0x20 && byte < 0x7f && character !== "'";
      return named ?? (plain ? character : `\\x${byte.toString(16).padStart(2, '0')}`);
    })
    .join('');
}
