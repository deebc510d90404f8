/**
 * Runs the projects in `examples/` as a stranger would: each is copied to an empty place, gets the packed
 * tarball installed, and runs its own `npm test`.
 *
 *     npm run examples [-- NAME...]
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, discard, install, npm, pack, temporaryFolder } from './pack.js';

const wanted = process.argv.slice(2);
const projects = readdirSync('examples')
  .filter((name) => existsSync(join('examples', name, 'package.json')))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

const temporary = temporaryFolder();
let passed = 0;
let failed = 0;
try {
  const tarball = pack(temporary);
  for (const name of projects) {
    const started = Date.now();
    const folder = join(temporary, name);
    copyProject(join('examples', name), folder);
    let complaint = '';
    try {
      install(folder, tarball);
      npm(folder, 'test');
      passed++;
    } catch (error) {
      complaint = `\n${outputOf(error)}`;
      failed++;
    }
    console.log(
      `${complaint === '' ? 'ok' : 'FAILED'} ${name} (${Math.round((Date.now() - started) / 1000)} s)${complaint}`,
    );
  }
} finally {
  discard(temporary);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** What a failed child process printed. */
function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
  return stdout === undefined ? (error.stack ?? error.message) : `${stdout}\n${stderr ?? ''}`;
}
