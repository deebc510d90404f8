/** Canonical text, section 3. */
import { encodeEscapes } from './escapes.js';
import type { Clause, Message, Offset, Value } from './model.js';
import { methods, nakedCharacters } from './tables.js';

/** The canonical text of a message. Made-up values show as `????`. */
export function print(message: Message): string {
  const bare =
    message.clauses.some(({ name }) => name === 'ws') && !message.clauses.some(({ name }) => name === 'method');
  return message.clauses.map((clause) => printClause(clause, bare)).join(':');
}

function printClause(clause: Clause, bareWebsocket: boolean): string {
  switch (clause.name) {
    case 'ws':
    case 'wf':
    case 'knone':
      return clause.name;
    case 'raw':
      return 'r';
    case 'statuscode':
      return clause.digits;
    case 'method':
      return printValue(clause.value, 'method');
    case 'path':
      return printValue(clause.value, bareWebsocket ? 'pathafterws' : 'path');
    case 'reason':
      return `m${printValue(clause.value, 'reason')}`;
    case 'body':
      return `b${printValue(clause.value, 'body')}`;
    case 'rawbody':
      return `r${printValue(clause.value, 'rawbody')}`;
    case 'key':
      return `k${printValue(clause.value, 'key')}`;
    case 'contenttype':
      return `c${printValue(clause.value, 'contenttype')}`;
    case 'location':
      return `l${printValue(clause.value, 'location')}`;
    case 'useragent':
      return `u${printValue(clause.value, 'useragent')}`;
    case 'header':
      return `h${printValue(clause.field, 'header')}=${printValue(clause.value, 'header')}`;
    case 'shortcut':
      return `u${clause.letter}`;
    case 'opcode':
      return `c${String(clause.word)}`;
    case 'length':
      return `l${String(clause.number)}`;
    case 'times':
      return `x${String(clause.number)}`;
    case 'nestedresponse':
      return `s'${encodeEscapes(clause.written)}'`;
    case 'nestedframe':
      return `f'${encodeEscapes(clause.written)}'`;
    case 'pauseat':
      return `p${printOffset(clause.offset)},${String(clause.seconds)}`;
    case 'disconnectat':
      return `d${printOffset(clause.offset)}`;
    case 'injectat':
      return `i${printOffset(clause.offset)},${printValue(clause.value, 'inject')}`;
    default:
      return clause.set ? clause.name : `-${clause.name}`;
  }
}

function printOffset(offset: Offset): string {
  return typeof offset === 'object' ? '????' : String(offset);
}

function printValue(value: Value, place: string): string {
  switch (value.type) {
    case 'literal':
      return `'${encodeEscapes(value.bytes)}'`;
    case 'naked':
      return printNaked(value.bytes, place);
    case 'generated':
      return `@${String(value.count)}${value.unit === 'b' ? '' : value.unit}${value.datatype === 'bytes' ? '' : `,${value.datatype}`}`;
    case 'file':
      return value.path.includes("'") ? `<"${value.path}"` : `<'${value.path}'`;
    case 'drawn':
      return `'????'`;
  }
}

function printNaked(bytes: Buffer, place: string): string {
  if (isPlainNaked(bytes, place)) return encodeEscapes(bytes);
  // Quoted text behind a bare `ws` is its method.
  if (place !== 'pathafterws') return `'${encodeEscapes(bytes)}'`;
  const escapeFirst = isNakedText(bytes);
  return [...bytes]
    .map((byte, i) => {
      const plain = isNakedText(Buffer.of(byte)) && byte !== 0x3c && !(escapeFirst && i === 0);
      return plain ? encodeEscapes(Buffer.of(byte)) : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Whether bytes, escaped, consist of characters that may stand in a naked value. */
function isNakedText(bytes: Buffer): boolean {
  return new RegExp(`^[${nakedCharacters}]+$`).test(encodeEscapes(bytes)) && !bytes.includes("'");
}

/** Whether a naked value may print without quotes: what prints is a naked value, and does not collide (Q11). */
export function isPlainNaked(bytes: Buffer, place: string): boolean {
  const text = bytes.toString('latin1');
  if (!isNakedText(bytes) || (text.startsWith('<') && text.length > 1)) return false;
  if (place === 'key') return !/^none/i.test(text);
  if (place === 'rawbody') return !/^sv[123]/.test(text);
  return place !== 'pathafterws' || !new RegExp(`^(?:${methods.join('|')})`, 'i').test(text);
}
