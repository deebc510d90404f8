import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder of a corpus with an ending, sorted; none when there is no such folder. */
export function filesIn(directory: string, folder: string, ending: string): string[] {
  const path = join(directory, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .sort();
}

/** A file that holds JSON. Its shape is what the corpus says it is; what is wrong with it shows as a failure. */
export function readJson(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
