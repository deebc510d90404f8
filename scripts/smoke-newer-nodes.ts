/**
 * Installs the packed tarball and uses it on newer versions of Node, which the npm package `node` carries.
 *
 *     npm run smoke:newer-nodes [-- MAJOR...]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discard, install, npm, pack, temporaryFolder } from './pack.js';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['24', '26'];
const temporary = temporaryFolder();
let failed = 0;
try {
  const tarball = pack(join(temporary, 'packed'));
  for (const major of majors) {
    const folder = join(temporary, `node-${major}`);
    cpSync('test/packaging/consumer', folder, { recursive: true });
    // The package fetches its binary when it is installed, which newer npm asks to be allowed.
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n');
    try {
      npm(folder, 'install', `node@${major}`);
      install(folder, tarball);
      const node = join(folder, 'node_modules/node/bin/node');
      for (const file of ['entries.mjs', 'entries.cjs', 'programs.mjs']) {
        execFileSync(node, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
      }
      console.log(`ok ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);
    } catch (error) {
      failed++;
      console.log(`FAILED Node ${major}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  discard(temporary);
}
console.log(`${majors.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
