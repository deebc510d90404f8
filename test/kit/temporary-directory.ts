import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory, which is removed when the test that made it is over. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'pathod-test-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
