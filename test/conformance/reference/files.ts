/** Where the reference reads `<file` values: a directory, or nowhere. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';

/** The reference's answer where the language must answer with FileAccessDenied or RenderError. */
export class Denial extends Error {
  override readonly name = 'Denial';

  constructor(
    readonly type: 'FileAccessDenied' | 'RenderError',
    message: string,
    /** The decision that denies what the recorded program served. */
    readonly decision?: string,
  ) {
    super(message);
  }
}

/** Reads a file by the name that a spec gives it. @throws {Denial} */
export type ReadFile = (name: string) => Buffer;

/** Files below `directory`, by path component after links are resolved (Q15); any file when `unconstrained`. */
export function filesIn(directory: string | undefined, unconstrained: boolean): ReadFile {
  return (name) => {
    if (directory === undefined) throw new Denial('FileAccessDenied', 'no directory');
    const expanded = name === '~' || name.startsWith('~/') ? join(homedir(), name.slice(1)) : name;
    const path = resolve(directory, expanded);
    if (!unconstrained && !isWithin(resolve(directory), path)) {
      const recordedAllows = path.startsWith(resolve(directory));
      throw new Denial('FileAccessDenied', 'outside of the directory', recordedAllows ? 'Q15' : undefined);
    }
    try {
      if (statSync(path).isFile() && (unconstrained || isWithin(realpathSync(directory), realpathSync(path))))
        return readFileSync(path);
    } catch {
      // Told below.
    }
    throw new Denial('FileAccessDenied', 'not readable');
  };
}

function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
