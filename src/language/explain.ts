/** Says in plain words why a spec could not be read, where, and what would have been right there. */
import type { IToken } from 'chevrotain';
import { SpecError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import type { ClauseType } from './clause.js';
import { scanNaked, scanQuoted, skipSpace, word } from './scan.js';
import { Separator } from './tokens.js';
import type { Mode } from './tokens.js';

/** How an error names what is being read in each mode. */
const subjects: Readonly<Record<Mode, string>> = {
  'response start': 'response',
  response: 'response',
  'frame start': 'frame',
  frame: 'frame',
  item: 'request or frame',
  method: 'request',
  path: 'request',
  request: 'request',
  'client frame': 'frame',
};

interface Failure {
  readonly type: ClauseType;
  /** Syntax parts that matched. */
  readonly progress: number;
  readonly offset: number;
  readonly expected: string;
}

/** No token matches at `offset`: finds the clause that came furthest. */
export function explain(spec: string, offset: number, mode: Mode, tried: readonly ClauseType[]): SpecError {
  const at = skipSpace(spec, offset);
  const failures = tried.map((type) => walk(type, spec, at));
  const furthest = Math.max(0, ...failures.map((failure) => failure.progress));
  const [best] = failures.filter((failure) => failure.progress === furthest);
  const open = unclosedQuote(spec, furthest > 0 && best ? best.offset : at);
  if (open) return open;
  if (furthest > 0 && best) {
    const within = best.type.usage;
    return new SpecError(`${within} needs ${best.expected}`, { spec, offset: best.offset, expected: [best.expected] });
  }
  const subject = subjects[mode];
  const expected = [...new Set(tried.map((type) => type.usage))];
  if (at >= spec.length) return new SpecError(`the ${subject} ends too early`, { spec, offset: at, expected });
  const suggestion = nearWord(spec, at, tried);
  const message = `${shown(spec, at)} cannot stand here in a ${subject}`;
  const place = { spec, offset: at, expected };
  return new SpecError(
    withSuggestion(message, suggestion),
    suggestion === undefined ? place : { ...place, suggestion },
  );
}

/** All tokens are known, but one stands in the wrong place; `undefined` for the end of the text. */
export function explainToken(spec: string, tokens: readonly IToken[], bad: IToken | undefined, mode: Mode): SpecError {
  const subject = subjects[mode];
  const index = bad ? tokens.indexOf(bad) : tokens.length;
  const mistake = (message: string, offset: number): SpecError => new SpecError(message, { spec, offset });
  const before = tokens[index - 1];
  if (!bad) {
    if (!before) return mistake('the spec is empty', 0);
    if (isColon(before)) return mistake('nothing follows the last colon', before.startOffset);
    return mistake(`the ${subject} ends too early`, spec.length);
  }
  const next = tokens[index + 1];
  if (isColon(bad) && isColon(before)) return mistake('two colons in a row', bad.startOffset);
  if (isColon(bad) && isColon(next)) return mistake('two colons in a row', next?.startOffset ?? 0);
  if (isColon(bad) && !next) return mistake('nothing follows the last colon', bad.startOffset);
  if (isColon(bad) && next) {
    return mistake(`${shown(spec, next.startOffset)} cannot follow a colon here in a ${subject}`, next.startOffset);
  }
  return mistake(`${shown(spec, bad.startOffset)} cannot stand here in a ${subject}`, bad.startOffset);
}

function isColon(token: IToken | undefined): boolean {
  return token?.tokenType === Separator;
}

function walk(type: ClauseType, spec: string, at: number): Failure {
  let end = at;
  let progress = 0;
  for (const syntax of type.syntax) {
    const part = typeof syntax === 'string' ? word(syntax) : syntax;
    const scanned = part.scan(spec, end);
    if (!scanned) return { type, progress, offset: skipSpace(spec, end), expected: part.expected };
    end = scanned.end;
    progress++;
  }
  return { type, progress: 0, offset: at, expected: '' };
}

/** An opening quote without its closing one, at `at` or behind the words before it. */
function unclosedQuote(spec: string, at: number): SpecError | undefined {
  const quote = spec.charAt(at);
  if ((quote !== '"' && quote !== "'") || scanQuoted(spec, at, true)) return undefined;
  return new SpecError('this quote is never closed', { spec, offset: at, expected: [`a closing ${quote}`] });
}

function nearWord(spec: string, at: number, tried: readonly ClauseType[]): string | undefined {
  const written = scanNaked(spec, at)?.value ?? '';
  const lowered = written.charAt(0).toLowerCase();
  if (lowered !== written.charAt(0) && tried.some((type) => type.usage.startsWith(lowered))) return lowered;
  const words = tried.flatMap((type) => /^one of (.*)$/.exec(firstExpected(type))?.[1]?.split(', ') ?? []);
  return nearest(written, words);
}

function firstExpected(type: ClauseType): string {
  const [first] = type.syntax;
  return first === undefined || typeof first === 'string' ? '' : first.expected;
}

function withSuggestion(message: string, suggestion: string | undefined): string {
  return suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`;
}

/** The character or short word at an offset, for a message. */
function shown(spec: string, at: number): string {
  const text = scanNaked(spec, at)?.value ?? spec.charAt(at);
  return JSON.stringify(text.length > 20 ? `${text.slice(0, 20)}...` : text);
}
