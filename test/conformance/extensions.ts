/**
 * Specs that were rejected and are now in the language, because a clause or a form that the recorded program
 * did not have makes sense of them. Nothing else that was rejected may be accepted.
 */
import { isAction, isEdit } from '../../src/language/clause.js';
import type { Clause } from '../../src/language/clause.js';
import { Disconnect } from '../../src/language/clauses/disconnect.js';
import { NestedFrame } from '../../src/language/clauses/nested-frame.js';
import { NestedResponse } from '../../src/language/clauses/nested-response.js';
import { NestedSequence } from '../../src/language/clauses/nested-sequence.js';
import { Pause } from '../../src/language/clauses/pause.js';
import type { Message } from '../../src/language/index.js';
import type { ReadableCase } from './expectation.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { Rejection } from './reference/rejection.js';

/** Clauses that are further language wherever they stand. */
const furtherClauses: ReadonlySet<string> = new Set([
  'rateat',
  'overwriteat',
  'eraseat',
  'flipat',
  'version',
  'chunks',
  'trailer',
  'coding',
  'h2f',
]);

/** What of the further language a spec uses that was read as these messages; none if it uses nothing of it. */
export function furtherLanguage({ entry, spec, kind }: ReadableCase, messages: readonly Message[]): readonly string[] {
  const forms = new Set(messages.flatMap((message) => message.clauses.flatMap(furtherForms)));
  if (/^\s*fault\s*:/i.test(spec)) forms.add('fault');
  if (entry === 'parse_pathod' && messages.filter(isResponse).length > 1) forms.add('several responses');
  if (entry === 'parse_pathod' && messages.every(isResponse) && repeats(spec, kind, messages)) forms.add('x');
  return [...forms];
}

function isResponse({ kind }: Message): boolean {
  return kind === 'response' || kind === 'http2-response';
}

function furtherForms(clause: Clause): readonly string[] {
  if (furtherClauses.has(clause.name)) return [clause.name];
  if (clause instanceof Disconnect && clause.how !== undefined) return [clause.how];
  if (clause instanceof Pause && String(clause.seconds).includes('.')) return ['fraction of a second'];
  const embedded = embeddedIn(clause);
  const forms = embedded.flatMap((message) => message.clauses.flatMap(furtherForms));
  if (embedded.length > 1) forms.push('several responses');
  const isRelative = (isAction(clause) || isEdit(clause)) && /^[hb]/.test(String(clause.offset));
  return isRelative ? [...forms, 'relative offset'] : forms;
}

function embeddedIn(clause: Clause): readonly Message[] {
  if (clause instanceof NestedResponse) return clause.responses;
  if (clause instanceof NestedFrame) return [clause.frame];
  return clause instanceof NestedSequence ? [...clause.sequence] : [];
}

/** Whether `x` in a response is all that the recorded program did not know: it is gone once the spec is read. */
function repeats(spec: string, kind: string, messages: readonly Message[]): boolean {
  return [...spec.matchAll(/:?[ \t\r\n]*x[ \t\r\n]*\d+/g)].some(({ index, 0: { length } }) => {
    try {
      const read = parse(spec.slice(0, index) + spec.slice(index + length), 'parse_pathod');
      const [model] = read;
      const isOver = kind.startsWith('h2-') || read.length === 1;
      return isOver && model !== undefined && messages.every((message) => message.spec === print(model));
    } catch (error) {
      if (error instanceof Rejection) return false;
      throw error;
    }
  });
}
