/** The parts of a corpus that nothing here is checked with yet: they are counted. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './corpus-files.js';
import { readable, skipped } from './suite.js';
import type { CaseResult } from './suite.js';

export async function checkOthers(directory: string): Promise<readonly CaseResult[]> {
  const commands = existsSync(join(directory, 'cli.json'))
    ? await readable('cli.json', () => countCommands(readJson(directory, 'cli.json')))
    : [];
  return commands;
}

/** A list, or an object with the list in it. */
function countCommands(commands: unknown): CaseResult[] {
  const list = Array.isArray(commands) ? commands : Object.values(Object(commands) as object).find(Array.isArray);
  return ((list ?? []) as unknown[]).map((_, i) => skipped(`cli.json#${String(i)}`));
}
