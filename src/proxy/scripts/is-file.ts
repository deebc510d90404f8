import { statSync } from 'node:fs';

/** Whether there is a file at a path, or a link to one. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Whatever keeps it from being looked at keeps it from being read.
    return false;
  }
}
