/** The parts of a corpus that nothing here is checked with yet: they are counted. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, readJson } from './corpus-files.js';
import { skipped } from './suite.js';
import type { CaseResult } from './suite.js';

export function checkOthers(directory: string): CaseResult[] {
  const commands = existsSync(join(directory, 'cli.json')) ? readJson(directory, 'cli.json') : [];
  // A list, or an object with the list in it.
  const list = Array.isArray(commands) ? commands : Object.values(commands as object).find(Array.isArray);
  return [
    ...filesIn(directory, 'dumper', '.txt').map((file) => skipped(`dumper/${file}`)),
    ...((list ?? []) as unknown[]).map((_, i) => skipped(`cli.json#${String(i)}`)),
  ];
}
