/** What is wrong with a case: facts that are not as expected. */
export interface Failure {
  /** Which fact: `canonical`, `wire`, `freeze`... with the number of the message when there are several. */
  readonly fact: string;
  readonly expected: string;
  readonly actual: string;
}

/** Collects the failures of one case. */
export class Report {
  readonly failures: Failure[] = [];
  private prefix = '';

  /** Names the message that the following facts belong to. */
  about(prefix: string): void {
    this.prefix = prefix;
  }

  fail(fact: string, expected: string, actual: string): void {
    this.failures.push({ fact: this.prefix + fact, expected, actual });
  }

  /** Compares texts and numbers. Whether they are equal. */
  equal(fact: string, expected: unknown, actual: unknown): boolean {
    const [wanted, found] = [show(expected), show(actual)];
    if (wanted === found) return true;
    this.fail(fact, wanted, found);
    return false;
  }

  /** Demands that something holds. */
  holds(fact: string, truth: boolean, expected: string, actual: string): boolean {
    if (!truth) this.fail(fact, expected, actual);
    return truth;
  }
}

/** A value as text that tells equal values from others. */
function show(value: unknown): string {
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
