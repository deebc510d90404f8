import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs npm and gives what it printed. Throws with its complaint when it fails. */
export function npm(folder: string, ...args: string[]): string {
  // A run below `npm test` must not inherit that run's settings, nor look anything up that it need not.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
  );
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Makes an empty folder outside the repository. Remove it with {@link discard}. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'pathod-package-'));
}

export function discard(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Packs the built package into `folder` and gives the path of the tarball. */
export function pack(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const [packed] = JSON.parse(npm('.', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder)) as {
    filename: string;
  }[];
  if (packed === undefined) throw new Error('npm pack made nothing');
  return join(folder, packed.filename);
}

/** Installs a tarball in a folder that has a package.json of its own, or gets an empty one. */
export function install(folder: string, tarball: string): void {
  const manifest = join(folder, 'package.json');
  try {
    readFileSync(manifest);
  } catch {
    writeFileSync(manifest, '{ "private": true }\n');
  }
  npm(folder, 'install', tarball);
}

/** Copies a folder without what was installed in it. */
export function copyProject(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.includes('node_modules') });
}
