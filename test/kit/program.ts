import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A program under a test's hand. It is killed when the test that started it is over. */
export interface Running {
  readonly child: ChildProcess;
  /** What it printed so far. */
  readonly out: string;
  readonly err: string;
  /** Resolves to the first match in what it printed to stdout. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has ended. */
  ended(): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>;
}

/** Runs a program of `src/`, such as `pathod/main.ts`. */
export function runProgram(file: string, argv: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawn(process.execPath, [...moduleOf(file), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const printed = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
  const closed = once(child, 'close');
  return {
    child,
    get out() {
      return printed.out;
    },
    get err() {
      return printed.err;
    },
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(printed.out);
        if (match !== null) return match;
        if (child.stdout === null || child.stdout.readableEnded)
          throw new Error(`ended before ${String(pattern)}: ${printed.out}${printed.err}`);
        await Promise.race([once(child.stdout, 'data'), closed]);
      }
    },
    async ended() {
      await closed;
      return { status: child.exitCode, ...printed };
    },
  };
}

let newestSource: number | undefined;

/** What Node runs: the program as it was built, when nothing was changed since; that starts in a quarter of the time. */
function moduleOf(file: string): readonly string[] {
  const [source, built] = [`../../src/${file}`, `../../dist/${file.replace(/\.ts$/, '.js')}`].map(
    (path) => new URL(path, import.meta.url).pathname,
  ) as [string, string];
  newestSource ??= newestBelow(new URL('../../src', import.meta.url).pathname);
  if (existsSync(built) && statSync(built).mtimeMs > newestSource) return [built];
  return ['--import', import.meta.resolve('tsx'), source];
}

/** When a file below a directory was last changed. */
function newestBelow(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
}
