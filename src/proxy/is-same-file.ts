import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Whether two paths are of one plain file, by whatever names. Files that are not there yet are one when they would stand
 * at the same place.
 */
export async function isSameFile(first: string, second: string): Promise<boolean> {
  const [one, other] = await Promise.all([first, second].map(idOf));
  return one !== undefined && one === other;
}

/** What tells a file from all others; undefined for what is there and no plain file, such as a pipe. */
async function idOf(path: string): Promise<string | undefined> {
  try {
    const facts = await stat(path, { bigint: true });
    return facts.isFile() ? `${String(facts.dev)}:${String(facts.ino)}` : undefined;
  } catch {
    // Whoever opens it says what is wrong with it.
    const whole = resolve(path);
    const directory = await realpath(dirname(whole)).catch(() => dirname(whole));
    return join(directory, basename(whole));
  }
}
