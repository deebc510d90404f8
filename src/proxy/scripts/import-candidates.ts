import { join } from 'node:path';

/** What may be left out at the end of a name that is imported, as jiti has it. */
const endings = ['.js', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts', '.mtsx', '.ctsx', '.json'];

/**
 * The files that may be meant by a path that is imported: that one; with an ending; in a directory of that name; in
 * TypeScript where the name says JavaScript.
 */
export function importCandidates(path: string): readonly string[] {
  const typed = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  return [...new Set([path, typed, ...[path, join(path, 'index')].flatMap((at) => endings.map((end) => at + end))])];
}
