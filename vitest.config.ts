import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globals: false,
    pool: 'forks',
    // Many tests wait for programs and for connections, so there may be more at a time than processors.
    maxWorkers: availableParallelism() + 1,
    // A machine may have much else to do: what hangs is found all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { interval: 10, timeout: 50_000 } },
    reporters: ['default', './scripts/count-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'lcovonly'],
    },
  },
});
