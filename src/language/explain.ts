/** Says in plain words why a spec could not be read, where, and what would have been right there. */
import type { IToken } from 'chevrotain';
import { SpecError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import type { ClauseType } from './clause.js';
import { hintFor, wordsOf } from './hints.js';
import type { Hint } from './hints.js';
import { scanNaked, scanQuoted, skipSpace, word } from './scan.js';
import type { Part } from './scan.js';
import { Separator } from './tokens.js';
import { value } from './values.js';

/** Where what is written is near a longer word than this, the word was meant, not the letter that it begins with. */
const longestLead = 3;

interface Failure {
  readonly type: ClauseType;
  /** Syntax parts that matched. */
  readonly progress: number;
  readonly offset: number;
  /** What should have stood there. */
  readonly part: Part<unknown>;
}

/** Where the lexer got stuck. */
export interface Stuck {
  readonly spec: string;
  readonly offset: number;
  /** What is being read there: `response`. */
  readonly subject: string;
  /** The tokens before. */
  readonly tokens: readonly IToken[];
  /** The clauses that were tried in vain. */
  readonly tried: readonly ClauseType[];
  /** The declaration behind a token. */
  readonly typeOf: (token: IToken) => ClauseType | undefined;
  /** What was probably meant, for one grammar alone. */
  readonly hint: (spec: string, at: number, subject: string) => Hint | undefined;
  /** The clauses of other kinds of message, by words such as `a request`. */
  readonly others: ReadonlyMap<string, readonly ClauseType[]>;
}

/** No token matches: finds the clause that came furthest, and what was probably meant. */
export function explain(stuck: Stuck): SpecError {
  const { spec, subject, tried } = stuck;
  const at = skipSpace(spec, stuck.offset);
  const failures = tried.map((type) => walk(type, spec, at));
  const furthest = Math.max(0, ...failures.map((failure) => failure.progress));
  const [best] = failures.filter((failure) => failure.progress === furthest);
  const open = unclosedQuote(spec, furthest > 0 && best ? best.offset : at);
  if (open) return open;
  const hint = stuck.hint(spec, at, subject) ?? hintFor(stuck, at);
  if (hint) return error(spec, hint);
  if (furthest > 0 && best) {
    const unknown = unknownName(spec, at, best);
    if (unknown) return error(spec, unknown);
    const inside = meantInside(spec, at, best);
    const suggestion = inside ?? nearWord(spec, at, tried);
    const written = /^[^=]*/.exec(scanNaked(spec, at)?.value ?? '')?.[0] ?? '';
    if (inside === undefined && suggestion !== undefined && suggestion.length > longestLead) {
      return error(spec, { message: `${JSON.stringify(written)} is not known here`, offset: at, suggestion });
    }
    const message = `${best.type.usage} needs ${best.part.expected}`;
    return error(spec, { message, offset: best.offset, expected: [best.part.expected], suggestion });
  }
  const expected = [...new Set(tried.map((type) => type.usage))];
  if (at >= spec.length) return error(spec, { message: `the ${subject} ends too early`, offset: at, expected });
  const message = `${shown(spec, at)} cannot stand here in a ${subject}${belongsTo(stuck, at)}`;
  return error(spec, { message, offset: at, expected, suggestion: nearWord(spec, at, tried) });
}

function error(spec: string, { message, offset, expected, suggestion }: Hint): SpecError {
  const place = { spec, offset, expected: expected ?? [] };
  if (suggestion === undefined) return new SpecError(message, place);
  return new SpecError(`${message}; did you mean ${suggestion}?`, { ...place, suggestion });
}

/**
 * All tokens are known, but one stands in the wrong place; `undefined` for the end of the text.
 * @param subject what is being read there
 */
export function explainToken(
  spec: string,
  tokens: readonly IToken[],
  bad: IToken | undefined,
  subject: string,
): SpecError {
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
  let part: Part<unknown> = word('');
  for (const syntax of type.syntax) {
    part = typeof syntax === 'string' ? word(syntax) : syntax;
    const scanned = part.scan(spec, end);
    if (!scanned) return { type, progress, offset: skipSpace(spec, end), part };
    end = scanned.end;
    progress++;
  }
  return { type, progress, offset: end, part };
}

/** An opening quote without its closing one, at `at` or behind the words before it. */
function unclosedQuote(spec: string, at: number): SpecError | undefined {
  const quote = spec.charAt(at);
  if ((quote !== '"' && quote !== "'") || scanQuoted(spec, at, true)) return undefined;
  return new SpecError('this quote is never closed', { spec, offset: at, expected: [`a closing ${quote}`] });
}

/** A name that no table has, where a clause asks for one. */
function unknownName(spec: string, at: number, { part, offset }: Failure): Hint | undefined {
  const written = scanNaked(spec, offset)?.value;
  if (part.noun === undefined || part.words === undefined || written === undefined) return undefined;
  const expected = [...part.words, 'a number such as 0x2a'];
  // The letter of the clause may have been forgotten, and the first of the name read as it.
  const whole = scanNaked(spec, at)?.value ?? '';
  const forgotten = nearest(written, part.words) === undefined || part.words.includes(whole.toLowerCase());
  const meant = forgotten ? nearest(whole, part.words) : undefined;
  if (meant !== undefined) {
    const suggestion = spec.slice(at, offset) + meant;
    return { message: `${JSON.stringify(whole)} is not known here`, offset: at, expected, suggestion };
  }
  const message = `there is no ${part.noun} ${JSON.stringify(written.slice(0, 40))}`;
  return { message, offset, expected, suggestion: nearest(written, part.words) };
}

/** What was probably meant by what stands where a part of a clause should. */
function meantInside(spec: string, at: number, { part, offset }: Failure): string | undefined {
  const written = scanNaked(spec, offset)?.value;
  if (written !== undefined && part.words) return nearest(written, part.words);
  // The ancestor's documentation writes h:VALUE=VALUE.
  if (spec[offset] === ':') {
    const next = value.scan(spec, offset + 1);
    return next && spec.slice(at, offset) + spec.slice(skipSpace(spec, offset + 1), next.end);
  }
  return written !== undefined && part === value ? `'${(/^[^=]*/.exec(written) ?? [''])[0]}'` : undefined;
}

function nearWord(spec: string, at: number, tried: readonly ClauseType[]): string | undefined {
  const written = scanNaked(spec, at)?.value ?? '';
  const lowered = written.charAt(0).toLowerCase();
  if (lowered !== written.charAt(0) && tried.some((type) => type.usage.startsWith(lowered))) return lowered;
  return nearest(written, tried.flatMap(wordsOf));
}

/** Says of a clause that stands in the wrong kind of message where it belongs. */
function belongsTo({ spec, others }: Stuck, at: number): string {
  for (const [kind, types] of others) {
    const type = types.find((candidate) => walk(candidate, spec, at).progress === candidate.syntax.length);
    if (type) return `; ${type.usage} belongs in ${kind}`;
  }
  return '';
}

/** The character or short word at an offset, for a message. */
function shown(spec: string, at: number): string {
  const text = scanNaked(spec, at)?.value ?? spec.charAt(at);
  return JSON.stringify(text.length > 20 ? `${text.slice(0, 20)}...` : text);
}
