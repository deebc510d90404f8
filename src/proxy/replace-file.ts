import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { makeDirectory } from '../net/make-directory.js';
import { systemReason } from '../net/system-error.js';

/** The mode of files that are made. Flows hold secrets: nobody but their owner reads them. */
export const privateMode = 0o600;

/**
 * Puts a new file in the place of one, in a directory that is made when it is missing. Until all is written, the old
 * one stays, and the new one has its owner and mode. Symbolic links are followed; what is no plain file, such as a pipe,
 * is written to as it is.
 * @param write writes all of it to a path, with {@link privateMode}
 * @throws {Error} Node's own, and what `write` throws: nothing was changed then
 */
export async function replaceFile(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const old = await unlessMissing(stat(file));
  if (old !== undefined && !old.isFile()) await write(file);
  else await replace(await targetOf(file), old, write);
}

async function replace(path: string, old: Stats | undefined, write: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  await makeDirectory(dirname(path));
  try {
    await write(unfinished);
    if (old !== undefined) {
      // Only root may give files away; for others it is their own as a rule.
      await chown(unfinished, old.uid, old.gid).catch(() => undefined);
      await chmod(unfinished, old.mode);
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The file that a path leads to, through symbolic links; it need not be there. */
async function targetOf(path: string): Promise<string> {
  const target = await unlessMissing(realpath(path));
  if (target !== undefined) return target;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : targetOf(resolve(await realpath(dirname(path)), link));
}

/** Undefined for what is not there. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (systemReason(error).code === 'ENOENT') return undefined;
    throw error;
  }
}
