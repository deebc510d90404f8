import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Characters of a reason that are printed. */
const longestReason = 400;

/**
 * Ends the output of a run with a line `FAILED file > test: reason` for each failure, and the line
 * `N passed, N failed`, with `, N skipped` when there are any.
 *
 * A file that could not be loaded, a suite whose hooks failed and an unhandled error count as one failure
 * each: a run that is not green never says `0 failed`.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, skipped: 0 };
    const failures = unhandledErrors.map((error) => failure('unhandled', [error]));
    for (const module of modules) {
      const place = module.relativeModuleId;
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'passed') count.passed++;
        else if (state === 'failed') failures.push(failure(`${place} > ${test.fullName}`, errors));
        else count.skipped++;
      }
      for (const suite of [module, ...module.children.allSuites()]) {
        const errors = suite.errors();
        if (errors.length > 0)
          failures.push(failure(suite.type === 'suite' ? `${place} > ${suite.fullName}` : place, errors));
      }
    }
    const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
    // Printed when the process ends, so that nothing can come after it.
    process.once('exit', () => {
      const lines = [...failures, `${count.passed} passed, ${failures.length} failed${skipped}`];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
  }
}

function failure(place: string, errors: readonly SerializedError[]): string {
  const reasons = errors.map(({ message }) => message.replaceAll(/\s+/g, ' ').slice(0, longestReason));
  return `FAILED ${place}: ${reasons.join('; ')}`;
}
