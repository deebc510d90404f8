import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests of what knows no sockets, timers or files: they leave nothing behind, and share what they have loaded. */
const pure = ['conformance', 'language', 'options', 'wire']
  .concat(['filter', 'flow', 'message', 'storage', 'views'].map((room) => `proxy/${room}`))
  .map((room) => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'all else', include: ['test/**/*.test.ts'], exclude: pure } },
    ],
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
