import { statSync } from 'node:fs';

/** What tells one version of a file from another; that of a file that is not there is `none`. */
export function fileVersion(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${String(ino)} ${String(size)} ${String(mtimeNs)}`;
  } catch {
    // Whatever keeps it from being looked at keeps it from being read.
    return 'none';
  }
}
