/** Runs one case and compares every fact that it records, or that a decision puts in its place. */
import type { Message } from '../../src/language/index.js';
import { SpecError } from '../../src/errors.js';
import { checkMessage } from './check-message.js';
import { asCase } from './corpus.js';
import type { CorpusCase } from './corpus.js';
import { checkExtended } from './check-extended.js';
import { checkHttp2Case, isHttp2Case } from './check-http2.js';
import { furtherLanguage } from './extensions.js';
import { expectationOf, isReadable, referenceSettings } from './expectation.js';
import type { Accepted, ReadableCase, Rejected } from './expectation.js';
import { Report } from './report.js';
import type { Failure } from './report.js';
import { filesOf, kindOf, outcomeOf, parseWith } from './subject.js';
import type { Outcome } from './subject.js';
import { tableEntryFor } from './verdict-table.js';

/** How a case went. */
export interface Result {
  readonly id: string;
  readonly spec: string;
  readonly outcome: 'passed' | 'failed';
  /** Decisions that overrode recorded facts. */
  readonly decisions: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * Checks one element of a corpus.
 * @param directory where the corpus file, and so `static`, lies
 * @param table gives the line of the verdict table for a case
 */
export async function checkCase(candidate: unknown, directory: string, table = tableEntryFor): Promise<Result> {
  const item = asCase(candidate);
  if (typeof item === 'string') return failed('?', '', { fact: 'case', expected: item, actual: snippet(candidate) });
  const { id, spec } = item;
  const report = new Report();
  if (isHttp2Case(item)) return resultOf(item, checkHttp2Case(item, directory, report), report);
  if (!isReadable(item)) return failed(id, spec, { fact: 'entry', expected: 'a known parser', actual: item.entry });
  const expectation = expectationOf(item, directory, table(item));
  const files = filesOf(item, directory);
  const parsed = outcomeOf(() => parseWith(item.entry, spec, files));
  if (expectation.outcome !== 'rejected') await checkMessages(item, directory, expectation, parsed, report);
  else if (item.error && 'value' in parsed && furtherLanguage(item, parsed.value).length > 0)
    checkExtended(parsed.value, { item, files, report });
  else checkRejection(item, expectation, parsed, report);
  return resultOf(item, expectation.decisions, report);
}

function resultOf({ id, spec }: CorpusCase, decisions: readonly string[], { failures }: Report): Result {
  return { id, spec, outcome: failures.length > 0 ? 'failed' : 'passed', decisions, failures };
}

function failed(id: string, spec: string, failure: Failure): Result {
  return { id, spec, outcome: 'failed', decisions: [], failures: [failure] };
}

function snippet(candidate: unknown): string {
  return (JSON.stringify(candidate) ?? String(candidate)).slice(0, 80);
}

function checkRejection(
  { spec }: CorpusCase,
  { anyType, placed }: Rejected,
  parsed: Outcome<readonly Message[]>,
  report: Report,
): void {
  if ('value' in parsed) {
    report.fail('parse', 'SpecError', parsed.value.map((message) => message.spec).join(' ') || 'no messages');
    return;
  }
  const { error } = parsed;
  const kind = kindOf(error);
  const allowed = anyType ? ['SpecError', 'FileAccessDenied', 'RenderError'] : ['SpecError'];
  if (!report.holds('parse', allowed.includes(kind), allowed.join(' or '), kind)) return;
  if (!(error instanceof SpecError)) return;
  const within = Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= error.spec.length;
  report.holds('place of the mistake', within, 'an offset in the spec', String(error.offset));
  if (placed) checkPlace(spec, error, report);
}

/** Mistakes that the recorded program could not place (Q21): behind the first clause, or at the first character outside ASCII. */
function checkPlace(spec: string, error: SpecError, report: Report): void {
  const outside = spec.search(/[^\0-\x7f]/);
  if (outside >= 0) report.equal('place of the mistake', outside, error.offset);
  else
    report.holds('place of the mistake', error.offset > 0, 'an offset behind the first clause', String(error.offset));
}

async function checkMessages(
  item: ReadableCase,
  directory: string,
  expectation: Accepted,
  parsed: Outcome<readonly Message[]>,
  report: Report,
): Promise<void> {
  const { count, messages, further } = expectation;
  if ('error' in parsed) {
    report.fail(
      'parse',
      messages.map(({ canonical }) => canonical[0]).join(' ') || 'no messages',
      kindOf(parsed.error),
    );
    return;
  }
  if (!report.equal('message count', count, parsed.value.length)) return;
  const found = parsed.value.slice(messages.length).map((message) => message.spec);
  if (further.length > 0) report.equal('further messages', further.join(' '), found.join(' '));
  const context = { item, files: filesOf(item, directory), reference: referenceSettings(item, directory), report };
  for (const [i, expected] of messages.entries()) {
    const message = parsed.value[i];
    report.about(messages.length > 1 ? `message ${String(i + 1)}: ` : '');
    if (message) await checkMessage(message, expected, context);
  }
  report.about('');
}
