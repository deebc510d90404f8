import { spawnSync } from 'node:child_process';

const known = new Map<string, boolean>();

/**
 * Whether a program is there to be tried with. In continuous integration everything must be, so that
 * nothing is skipped unnoticed there.
 * @throws {Error} when it is absent and `CI` is set
 */
export function hasProgram(name: string): boolean {
  let found = known.get(name);
  if (found === undefined) {
    found = spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
    known.set(name, found);
  }
  if (!found && process.env['CI']) throw new Error(`${name} is not installed, and nothing may be skipped here`);
  return found;
}
