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
export type Suite = (directory: string) => readonly CaseResult[] | Promise<readonly CaseResult[]>;

/** A case that is not checked yet. */
export function skipped(id: string): CaseResult {
  return { id, outcome: 'skipped', failures: [] };
}

/** A case with what is wrong with it. */
export function result(id: string, failures: readonly Failure[]): CaseResult {
  return { id, outcome: failures.length === 0 ? 'passed' : 'failed', failures };
}

/** The results of a file, or a failure of the whole when it cannot be read. */
export async function readable(
  id: string,
  check: () => readonly CaseResult[] | Promise<readonly CaseResult[]>,
): Promise<readonly CaseResult[]> {
  try {
    return await check();
  } catch (error) {
    const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [result(id, [{ fact: 'file', expected: 'one that can be read', actual }])];
  }
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
