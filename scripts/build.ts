/**
 * Makes `dist/` from `src/`: both formats, declarations, and the licences of what is bundled.
 *
 *     tsx scripts/build.ts [--if-stale]
 *
 * With `--if-stale` it does nothing when `dist/` already stands for the sources as they are, and prints
 * nothing unless it fails.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'tsup';

const stamp = 'node_modules/.cache/pathod/built-from';
const ifStale = process.argv.includes('--if-stale');

/** The files below a directory, sorted. */
function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A digest of everything the build reads. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const own = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts', 'scripts/build.ts'];
  for (const file of [...own, ...filesBelow('src')]) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function isFresh(): boolean {
  return existsSync('dist') && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

/**
 * Makes the CommonJS files load what is loaded late with `require`: Jest refuses `import()` in them unless Node
 * is started with a flag.
 */
function loadLateByRequire(): void {
  for (const file of filesBelow('dist').filter((name) => name.endsWith('.cjs'))) {
    const text = readFileSync(file, 'utf8');
    const changed = text.replace(
      /\bimport\((['"]\.{1,2}\/[^'"]+\.cjs['"])\)/g,
      'Promise.resolve().then(() => require($1))',
    );
    if (changed !== text) writeFileSync(file, changed);
  }
}

/** Gathers the licence of each package whose code stands in `dist/`, as those licences ask. */
function writeLicences(): void {
  const bundled = new Set<string>();
  for (const file of filesBelow('dist').filter((name) => /\.c?js$/.test(name))) {
    // The bundler writes the path of each module above its code.
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /^\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
    )) {
      if (name !== undefined) bundled.add(name);
    }
  }
  const namesOf = new Map<string, string[]>();
  for (const name of [...bundled].sort()) {
    const folder = join('node_modules', name);
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} is bundled but has no licence file`);
    const text = readFileSync(join(folder, licence), 'utf8').trim();
    namesOf.set(text, [...(namesOf.get(text) ?? []), name]);
  }
  const sections = [...namesOf].map(([text, names]) => `${names.join(', ')}\n\n${text}\n`);
  writeFileSync('dist/THIRD-PARTY-LICENCES.txt', sections.join(`\n${'='.repeat(80)}\n\n`));
}

if (!ifStale || !isFresh()) {
  const sources = fingerprint();
  rmSync(stamp, { force: true });
  rmSync('dist', { recursive: true, force: true });
  await build({ silent: ifStale });
  loadLateByRequire();
  writeLicences();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}
