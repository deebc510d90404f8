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

/**
 * The cases of a file: those of its member `cases`, or those that it is a list of; the ones that are no objects are
 * left out.
 * @throws {Error} when there are none
 */
export function casesIn(file: unknown, member = 'cases'): readonly unknown[] {
  const list = Array.isArray(file) ? (file as unknown[]) : (file as Readonly<Record<string, unknown>> | null)?.[member];
  if (Array.isArray(list)) return (list as unknown[]).filter((item) => typeof item === 'object' && item !== null);
  throw new Error(`there is no list of ${member} in it`);
}

/** A file that holds JSON. Its shape is what the corpus says it is; what is wrong with it shows as a failure. */
export function readJson(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
