/** Values, section 2 of the reference. */
import { decodeAsRecorded, decodeEscapes } from './escapes.js';
import type { Value } from './model.js';
import type { Rule } from './reader.js';
import { datatypes, nakedCharacters, units } from './tables.js';

const nakedWord = `([${nakedCharacters}]+)`;

const generated: Rule<Value> = (reader) => {
  const size = reader.token('@') && reader.token(`([0-9]+)([${units}]?)`);
  if (!size) return undefined;
  const names = [...datatypes.keys()].sort((a, b) => b.length - a.length).join('|');
  const datatype = reader.attempt(() => reader.token(',') && reader.token(`(${names})`));
  return {
    type: 'generated',
    count: BigInt(size[1] ?? ''),
    unit: size[2] === '' ? 'b' : (size[2] ?? 'b'),
    datatype: datatype?.[1] ?? 'bytes',
  };
};

const file: Rule<Value> = (reader) => {
  if (!reader.token('<')) return undefined;
  const quoted = reader.token(`'([^']*)'|"([^"]*)"`);
  const path = quoted ? (quoted[1] ?? quoted[2]) : reader.token(nakedWord)?.[1];
  if (path === undefined) return undefined;
  if (quoted && path.includes('\t')) reader.touchedBy.add('Q04');
  const controls: Record<string, string> = { n: '\n', t: '\t', r: '\r', f: '\f' };
  // Names that were quoted know four escapes (Q38).
  const decoded = quoted ? path.replace(/\\([ntrf])/g, (_, letter: string) => controls[letter] ?? '') : path;
  return { type: 'file', path: decoded };
};

/** A quoted text, its escapes decoded. */
export const literal: Rule<Value & { type: 'literal' }> = (reader) => {
  const quoted = reader.token(`'((?:[^'\\\\]|\\\\[^])*)'|"((?:[^"\\\\]|\\\\[^])*)"`);
  if (!quoted) return undefined;
  const text = quoted[1] ?? quoted[2] ?? '';
  const quote = quoted[1] === undefined ? '"' : "'";
  const bytes = decodeEscapes(text);
  if (text.includes(quote)) reader.touchedBy.add('Q06');
  else if (!decodeAsRecorded(text)?.equals(bytes)) reader.touchedBy.add('Q03');
  if (text.includes('\t')) reader.touchedBy.add('Q04');
  return { type: 'literal', bytes };
};

const naked: Rule<Value> = (reader) => {
  const word = reader.token(nakedWord);
  return word && { type: 'naked', bytes: decodeEscapes(word[1] ?? '') };
};

/** VALUE. */
export const value: Rule<Value> = (reader) => reader.first<Value>(generated, file, literal);

/** VALUE that may also be a naked word. */
export const nakedValue: Rule<Value> = (reader) => reader.first<Value>(generated, file, literal, naked);
