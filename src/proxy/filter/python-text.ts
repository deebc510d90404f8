/** Values as Python writes them, as far as filters look at or quote such text. */
import { encodePythonFloat } from '../storage/python-number.js';

/** What `str()` gives: text as it is, all else as {@link pythonRepr} writes it. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** What `repr()` gives for values that a flow file can hold. @param around the values that this one is in */
export function pythonRepr(value: unknown, around: readonly unknown[] = []): string {
  if (typeof value === 'string') return quoted(value, unprintable);
  if (value instanceof Uint8Array) return `b${quoted(Buffer.from(value).toString('latin1'), notAscii)}`;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : encodePythonFloat(value);
  if (typeof value !== 'object') return `<${typeof value}>`;
  if (around.includes(value)) return Array.isArray(value) ? '[...]' : '{...}';
  const inner = (member: unknown): string => pythonRepr(member, [...around, value]);
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${inner(key)}: ${inner(member)}`);
  return `{${members.join(', ')}}`;
}

const notAscii = /[^\x20-\x7e]/gu;
/** Control characters, those without a glyph, and all white space but the blank. */
const unprintable = /(?! )[\p{C}\p{Z}]/gu;
const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function quoted(text: string, escaped: RegExp): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
  return quote + body.replace(escaped, escapeOf) + quote;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return escapes[character] ?? `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
