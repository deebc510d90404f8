import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemReason } from './system-error.js';

/**
 * Makes a directory and those above it. Node's `recursive` never returns for one below `/proc`.
 * @throws {Error} Node's own, when that fails
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await exists(path)) return;
  if (dirname(path) !== path) await makeDirectory(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have been quicker, and a directory that cannot be looked into is there.
    if (systemReason(error).code !== 'EEXIST') throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
