import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path with a leading `~` replaced by the home directory. `~somebody` is left as it is. */
export function expandHome(path: string): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(homedir(), path.slice(1)) : path;
}
