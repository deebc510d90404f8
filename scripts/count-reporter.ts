import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends the output of a run with the line `N passed, N failed`, with `, N skipped` when there are any.
 *
 * A file that could not be loaded, a suite whose hooks failed and an unhandled error count as one failure
 * each: a run that is not green never says `0 failed`.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') count.passed++;
        else if (state === 'failed') count.failed++;
        else count.skipped++;
      }
      const suites = [module, ...module.children.allSuites()];
      count.failed += suites.filter((suite) => suite.errors().length > 0).length;
    }
    const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
    // Printed when the process ends, so that nothing can come after it.
    process.once('exit', () => {
      process.stdout.write(`${count.passed} passed, ${count.failed} failed${skipped}\n`);
    });
  }
}
