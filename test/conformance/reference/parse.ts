/**
 * The grammar of the language's reference, section 1, read top down, one function a rule.
 *
 * It is the second opinion of the conformance runner: slow, plain, and without a line in common
 * with `src/language`. It speaks only where a decision overrides what was recorded, or where
 * chance makes the record silent; `reference.test.ts` holds it to everything else in the corpus.
 */
import { find, flags, literalOf, sizeOf } from './model.js';
import type { Clause, Message, Offset } from './model.js';
import { literal, nakedValue, value } from './parse-value.js';
import { isPlainNaked } from './print.js';
import { Reader } from './reader.js';
import type { Rule } from './reader.js';
import { Rejection } from './rejection.js';
import { methods, opcodes, userAgents } from './tables.js';

/** The parsers that a corpus names. */
export const entries = ['parse_pathod', 'parse_pathoc', 'parse_websocket_frame'] as const;
export type Entry = (typeof entries)[number];

/** The messages of a spec, `x` expanded. @throws {Rejection} */
export function parse(spec: string, entry: Entry): Message[] {
  // Reflected frames come off the wire, where anything may stand (Q25).
  if (entry !== 'parse_websocket_frame' && /[^\0-\x7f]/.test(spec)) throw new Rejection('not ASCII', 'Q21');
  const reader = new Reader(Buffer.from(spec, 'utf8').toString('latin1'));
  const item = { parse_pathod: pathodItem, parse_pathoc: pathocItem, parse_websocket_frame: serverFrame }[entry];
  const messages = [];
  do messages.push(...expand(item(reader)));
  while (entry !== 'parse_pathod' && !reader.ended);
  if (!reader.ended) throw new Rejection(`garbage at ${String(reader.at)}`);
  return messages;
}

// Clauses.

const integer: Rule<bigint> = (reader) => {
  const digits = reader.token('([0-9]+)');
  return digits && BigInt(digits[1] ?? '');
};

const offset: Rule<Offset> = (reader) => {
  const number = integer(reader);
  if (number !== undefined) return number;
  return reader.token('r') ? 'r' : reader.token('a') ? 'a' : undefined;
};

/** A clause that is a letter and a value. */
function valued(
  letter: string,
  name: 'body' | 'rawbody' | 'key' | 'reason' | 'contenttype' | 'location',
): Rule<Clause> {
  return (reader) => {
    const content = reader.token(letter) && nakedValue(reader);
    if (!content) return undefined;
    if (content.type === 'naked' && !isPlainNaked(content.bytes, name)) reader.touchedBy.add('Q11');
    return { name, value: content };
  };
}

const header: Rule<Clause> = (reader) => {
  const field = reader.token('h') && value(reader);
  const content = field && reader.token('=') && value(reader);
  return content && { name: 'header', field, value: content };
};

const userAgent: Rule<Clause> = (reader) => {
  if (!reader.token('u')) return undefined;
  const name = reader.token(`(${userAgents.map(([, long]) => long).join('|')})`, 'i')?.[1];
  if (name !== undefined) reader.touchedBy.add('Q07');
  const letter =
    name === undefined ? reader.token(`([${userAgents.map(([short]) => short).join('')}])`, 'i')?.[1] : undefined;
  const agent = userAgents.find(([short, long]) => long === name?.toLowerCase() || short === letter?.toLowerCase());
  if (agent) return { name: 'shortcut', letter: agent[0] };
  const content = value(reader);
  if (
    content?.type === 'literal' &&
    userAgents.some(([short]) => short === content.bytes.toString('latin1').toLowerCase())
  )
    reader.touchedBy.add('Q07');
  return content && { name: 'useragent', value: content };
};

const raw: Rule<Clause> = (reader) => reader.token('r', 'i') && { name: 'raw' };

const pause: Rule<Clause> = (reader) => {
  const at = reader.token('p') && offset(reader);
  if (at === undefined || !reader.token(',')) return undefined;
  const seconds = integer(reader) ?? (reader.token('f') ? ('f' as const) : undefined);
  return seconds === undefined ? undefined : { name: 'pauseat', offset: at, seconds };
};

const disconnect: Rule<Clause> = (reader) => {
  const at = reader.token('d') && offset(reader);
  return at === undefined ? undefined : { name: 'disconnectat', offset: at };
};

const inject: Rule<Clause> = (reader) => {
  const at = reader.token('i') && offset(reader);
  if (at === undefined || !reader.token(',')) return undefined;
  const content = value(reader);
  return content && { name: 'injectat', offset: at, value: content };
};

const times: Rule<Clause> = (reader) => {
  const number = reader.token('x') && integer(reader);
  return number === undefined ? undefined : { name: 'times', number };
};

const opcode: Rule<Clause> = (reader) => {
  if (!reader.token('c')) return undefined;
  const word = reader.token(`(${[...opcodes.keys()].join('|')})`, 'i')?.[1]?.toLowerCase() ?? integer(reader);
  if (word === undefined) return undefined;
  if (typeof word === 'bigint' && word > 15n) throw new Rejection('opcode above 15', 'Q21');
  return { name: 'opcode', word };
};

const payloadLength: Rule<Clause> = (reader) => {
  const number = reader.token('l') && integer(reader);
  if (number === undefined) return undefined;
  if (number >= 2n ** 64n) throw new Rejection('length above 64 bits', 'Q17');
  return { name: 'length', number };
};

const flag: Rule<Clause> = (reader) => {
  const minus = reader.token('-');
  const name = flags.find((word) => reader.token(word));
  return name && { name, set: !minus };
};

const key: Rule<Clause> = (reader) => {
  if (reader.attempt(() => reader.token('knone', 'i'))) return { name: 'knone' };
  const clause = valued('k', 'key')(reader);
  if (clause?.name !== 'key') return undefined;
  const content = clause.value;
  const length = 'bytes' in content ? content.bytes.length : content.type === 'generated' ? sizeOf(content) : 4;
  if (length !== 4) throw new Rejection('key is not four bytes', 'Q18');
  return clause;
};

/** A message within a message. */
function nested(letter: string, name: 'nestedresponse' | 'nestedframe', inner: Rule<Message>): Rule<Clause> {
  return (reader) => {
    const content = reader.token(letter) && literal(reader);
    if (!content) return undefined;
    const within = new Reader(utf8(content.bytes));
    const message = inner(within);
    if (!message || !within.ended) throw new Rejection('bad spec within a spec');
    for (const decision of message.touchedBy) reader.touchedBy.add(decision);
    return { name, written: content.bytes, inner: message };
  };
}

function utf8(bytes: Buffer): string {
  try {
    return Buffer.from(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'utf8').toString('latin1');
  } catch {
    throw new Rejection('spec within a spec is not UTF-8', 'Q26');
  }
}

// Messages.

/** `{ sep , feature }`. A feature once read is never given back. */
function features(reader: Reader, rules: readonly Rule<Clause>[]): Clause[] {
  const found: Clause[] = [];
  for (;;) {
    const clause = reader.attempt(() => {
      reader.token(':');
      return reader.first(...rules);
    });
    if (!clause) return found;
    found.push(clause);
  }
}

const actions = [pause, disconnect, inject];

function responseHead(reader: Reader): Clause[] | undefined {
  const code: Rule<Clause> = () => {
    const digits = reader.token('([0-9]+)');
    return digits && { name: 'statuscode', digits: digits[1] ?? '' };
  };
  if (!reader.token('ws', 'i')) {
    const status = code(reader);
    return status && [status];
  }
  const status = reader.attempt(() => {
    reader.token(':');
    return code(reader);
  });
  return status ? [{ name: 'ws' }, status] : [{ name: 'ws' }];
}

const contentType = valued('c', 'contenttype');
const body = valued('b', 'body');

const response: Rule<Message> = (reader) => {
  const head = responseHead(reader);
  const rules = [header, contentType, valued('l', 'location'), raw, valued('m', 'reason'), body, ...actions];
  return head && finish(reader, 'response', false, [...head, ...features(reader, rules)]);
};

function method(reader: Reader): Clause | undefined {
  const word = reader.token(`(${methods.join('|')})`, 'i')?.[1];
  const content = word === undefined ? value(reader) : literalOf(word.toUpperCase());
  return content && { name: 'method', value: content };
}

function requestHead(reader: Reader): Clause[] | undefined {
  const websocket = reader.token('ws', 'i');
  const verb = reader.attempt(() => {
    if (websocket) reader.token(':');
    return method(reader);
  });
  if (!websocket && !verb) return undefined;
  reader.token(':');
  const target = nakedValue(reader);
  if (!target) return undefined;
  const place = verb ? 'path' : 'pathafterws';
  if (target.type === 'naked' && !isPlainNaked(target.bytes, place)) reader.touchedBy.add('Q11');
  return [...(websocket ? [{ name: 'ws' } as const] : []), ...(verb ? [verb] : []), { name: 'path', value: target }];
}

const request: Rule<Message> = (reader) => {
  const head = requestHead(reader);
  const rules = [header, contentType, userAgent, raw, nested('s', 'nestedresponse', response), body, times, ...actions];
  return head && finish(reader, 'request', true, [...head, ...features(reader, rules)]);
};

const frameRules = [opcode, payloadLength, flag, ...actions, key, times, body, valued('r', 'rawbody')];

function frame(reader: Reader, client: boolean): Message | undefined {
  if (!reader.token('wf', 'i')) return undefined;
  reader.token(':');
  const rules = client ? [...frameRules, nested('f', 'nestedframe', (inner) => frame(inner, false))] : frameRules;
  return finish(reader, 'frame', client, [{ name: 'wf' }, ...features(reader, rules)]);
}

function finish(reader: Reader, kind: Message['kind'], client: boolean, clauses: Clause[]): Message {
  const many = new Set(['header', 'contenttype', 'location', 'useragent', 'shortcut', 'pauseat', 'injectat']);
  const aliases: Record<string, string> = { rawbody: 'body', knone: 'key' };
  const names = clauses.map(({ name }) => aliases[name] ?? name).filter((name) => !many.has(name));
  if (new Set(names).size < names.length) throw new Rejection('duplicate clause', 'Q21');
  const message = { kind, client, clauses, touchedBy: reader.touchedBy };
  reader.touchedBy = new Set();
  return message;
}

function required(message: Message | undefined): Message {
  if (!message) throw new Rejection('no message');
  return message;
}

const serverFrame = (reader: Reader): Message => required(frame(reader, false));
const pathodItem = (reader: Reader): Message => required(reader.first((r) => frame(r, false), response));
const pathocItem = (reader: Reader): Message => required(reader.first((r) => frame(r, true), request));

function expand(message: Message): Message[] {
  const repeat = find(message, 'times');
  const clauses = message.clauses.filter((clause) => clause.name !== 'times');
  return Array.from({ length: repeat ? Number(repeat.number) : 1 }, () => ({ ...message, clauses }));
}
