/** What a directory of corpora is checked with. */
import type { Failure } from '../conformance/report.js';

/** What came of one case. */
export interface CaseResult {
  /** Where the case stands: file, and place within. */
  readonly id: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly failures: readonly Failure[];
}

/** The cases of one kind in a directory; none when the directory has none of that kind. */
export type Suite = (directory: string) => CaseResult[] | Promise<CaseResult[]>;

/** A case that is not checked yet. */
export function skipped(id: string): CaseResult {
  return { id, outcome: 'skipped', failures: [] };
}

/** A case with what is wrong with it. */
export function result(id: string, failures: readonly Failure[]): CaseResult {
  return { id, outcome: failures.length === 0 ? 'passed' : 'failed', failures };
}

/** Checks a case. What is thrown is a failure of its own. */
export function attempt(id: string, check: () => readonly Failure[]): CaseResult {
  try {
    return result(id, check());
  } catch (error) {
    const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return result(id, [{ fact: 'check', expected: 'no error', actual }]);
  }
}
