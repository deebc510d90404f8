/**
 * Runs the files of `bench/`, one after the other, each in a process of its own.
 *
 *     npm run bench [-- PART-OF-A-NAME...]
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const wanted = process.argv.slice(2);
const files = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

let failed = 0;
for (const file of files) {
  console.log(`\n== ${file.replace(/\.ts$/, '')}`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', `bench/${file}`], { stdio: 'inherit' });
  if (status !== 0) {
    failed++;
    console.log(`${file} failed`);
  }
}
if (files.length === 0) console.log('There is no such benchmark.');
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
