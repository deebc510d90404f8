/** What was probably meant where a spec went wrong in a way that people are known to go wrong in. */
import type { IToken } from 'chevrotain';
import { nearest } from '../options/suggest.js';
import { settingIds } from '../wire/http2-registry.js';
import type { ClauseType } from './clause.js';
import { datatypeNames } from './datatypes.js';
import type { Stuck } from './explain.js';
import { isFault } from './named-fault.js';
import { scanNaked, scanQuoted, skipSpace } from './scan.js';

/** A message with its place, and what would have been right. */
export interface Hint {
  readonly message: string;
  readonly offset: number;
  readonly expected?: readonly string[] | undefined;
  readonly suggestion?: string | undefined;
}

/** The words that a clause may begin with, or that may follow its letter. */
export function wordsOf(type: ClauseType): readonly string[] {
  const [first, second] = type.syntax;
  if (first === undefined) return [];
  if (typeof first !== 'string') return first.words ?? [];
  return typeof second === 'object' ? (second.words ?? []).map((word) => first + word) : [];
}

/** The first hint that fits, for a lexer that is stuck at `at`. */
export function hintFor(stuck: Stuck, at: number): Hint | undefined {
  return unknownDatatype(stuck, at) ?? wrongBracket(stuck, at) ?? brokenWord(stuck);
}

/** `@10,asci`: the comma is left over, as no datatype follows it. */
function unknownDatatype({ spec, tokens }: Stuck, at: number): Hint | undefined {
  if (spec[at] !== ',' || !/@\s*\d+[bkmgt]?$/.test(tokens.at(-1)?.image ?? '')) return undefined;
  const offset = skipSpace(spec, at + 1);
  const name = scanNaked(spec, offset)?.value ?? '';
  const message = name === '' ? 'a datatype must follow the comma' : `there is no datatype ${JSON.stringify(name)}`;
  return { message, offset, expected: datatypeNames, suggestion: nearest(name, datatypeNames) };
}

/** `b>'path'`: the ancestor's documentation has a `>` where `<` is meant. */
function wrongBracket({ spec, tokens }: Stuck, at: number): Hint | undefined {
  const image = tokens.at(-1)?.image ?? '';
  const quoted = scanQuoted(spec, at, false);
  if (!image.endsWith('>') || !quoted) return undefined;
  const suggestion = `${image.slice(0, -1)}<${spec.slice(at, quoted.end)}`;
  return { message: 'a file is written with <', offset: at - 1, suggestion };
}

/** `uchrom` is read as `uc` and rubbish, `gett:/` as a method and a path: finds the word that was broken up. */
function brokenWord({ spec, tokens, offset, typeOf }: Stuck): Hint | undefined {
  const last = tokens.at(-1);
  const read = last?.image === ':' ? tokens.slice(0, -1) : tokens;
  const end = last?.image === ':' ? last.startOffset : offset;
  for (let i = read.length - 1; i >= 0; i--) {
    const token = read[i];
    const type = token && typeOf(token);
    if (!token || !type || !touches(token, read[i + 1]?.startOffset ?? end)) return undefined;
    const start = skipSpace(spec, token.startOffset);
    const written = scanNaked(spec, start)?.value ?? '';
    const suggestion = nearest(written, wordsOf(type));
    if (suggestion !== undefined && suggestion !== token.image.trim().toLowerCase()) {
      return { message: `${JSON.stringify(written)} is not known here`, offset: start, suggestion };
    }
    const longer =
      wordsOf(type).includes(token.image.trim().toLowerCase()) && written.length > token.image.trim().length;
    if (longer && i < read.length - 1) {
      const rest = spec.slice(start + token.image.trim().length, start + written.length);
      const message = `${JSON.stringify(written)} was read as ${token.image.trim()} and ${JSON.stringify(rest)}`;
      return { message, offset: start, suggestion: token.image.trim().toLowerCase() };
    }
  }
  return undefined;
}

/** Whether a token ends where the next thing begins, with nothing between. */
function touches(token: IToken, next: number): boolean {
  return token.startOffset + token.image.length === next;
}

/** A fault where another message stands, or that is to be sent as a request. */
function misplacedFault(spec: string, at: number, subject: string): Hint | undefined {
  if (!isFault(spec.slice(at, at + 64))) return undefined;
  const isSent = subject.startsWith('request');
  const why = isSent
    ? 'a fault stands for responses, which pathod serves: /p/fault:NAME'
    : 'a fault cannot stand in a sequence: it takes no clauses and stands alone';
  return { message: why, offset: at };
}

/** Over HTTP/1: a misplaced fault, a WebSocket frame behind a response, a raw HTTP/2 frame, or a group of them. */
export function hintOverHttp1(spec: string, at: number, subject: string): Hint | undefined {
  const fault = misplacedFault(spec, at, subject);
  if (fault) return fault;
  if (subject === 'response' && /^wf(?![\w'"=])/i.test(spec.slice(at, at + 3))) {
    return { message: 'a WebSocket frame (wf) cannot follow a response', offset: at };
  }
  const found = /^\(?[ \t\r\n]*h2f(?![\w'"=])/i.exec(spec.slice(at, at + 64));
  return found ? { message: 'raw HTTP/2 frames (h2f) need an HTTP/2 connection', offset: at } : undefined;
}

/** Over HTTP/2: a misplaced fault, WebSocket, methods that need quotes there, settings that do not exist. */
export function hintOverHttp2(spec: string, at: number, subject: string): Hint | undefined {
  const fault = misplacedFault(spec, at, subject);
  if (fault) return fault;
  const written = scanNaked(spec, at)?.value ?? '';
  const word = written.toLowerCase();
  if (word === 'ws' || word === 'wf') return { message: 'WebSocket messages go over HTTP/1 only', offset: at };
  if (['options', 'trace', 'connect'].includes(word)) {
    const message = `${word} is not known without quotes over HTTP/2`;
    return { message, offset: at, suggestion: `'${word.toUpperCase()}'` };
  }
  const name = subject === 'raw frame' ? /^([a-z]\w+)=\d/i.exec(written)?.[1] : undefined;
  if (name === undefined) return undefined;
  const names = Object.keys(settingIds);
  const message = `there is no setting ${JSON.stringify(name)}`;
  return { message, offset: at, expected: names, suggestion: nearest(name, names) };
}
