import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discard, install, pack, temporaryFolder } from '../../scripts/pack.js';
import { valueExports } from './value-exports.js';

// The package as a stranger gets it: packed, and installed in a folder that knows nothing of this repository.
interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  exports: Record<string, unknown>;
  bin: Record<string, string>;
}

let folder: string;

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build', '--', '--if-stale']);
  folder = temporaryFolder();
  install(folder, pack(join(folder, 'packed')));
  cpSync('test/packaging/consumer', folder, { recursive: true });
}, 120_000);

afterAll(() => {
  discard(folder);
});

/** Runs a file of the folder with this Node and gives what it printed. */
function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

// They start processes: more time than others, but no waiting.
describe('the installed package', { timeout: 60_000 }, () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

  it('serves an ESM program', () => {
    expect(node('entries.mjs')).toBe('');
  });

  it('serves a CommonJS program', () => {
    expect(node('entries.cjs')).toBe('');
  });

  it('serves and asks from the command line', () => {
    expect(node('programs.mjs')).toBe('');
  });

  it('is what scripts import', () => {
    expect(node('scripts.mjs')).toBe('');
  });

  it.each(Object.keys(manifest.bin))('installs %s as a command', (name) => {
    const printed = execFileSync(join(folder, 'node_modules/.bin', name), ['--version'], { encoding: 'utf8' });
    expect(printed).toContain(manifest.version);
  });

  it.each(['types.mts', 'types.cts'])('has declarations for %s', (file) => {
    const root = resolve('node_modules');
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit'];
    const target = ['--module', 'node16', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
    const types = ['--types', 'node', '--typeRoots', join(root, '@types')];
    // A project's own declarations are checked too: no --skipLibCheck.
    expect(node(join(root, 'typescript/bin/tsc'), ...strict, ...target, ...types, file)).toBe('');
  });

  it.each(Object.keys(manifest.exports))('offers %s to import and to require', (subpath) => {
    const name = subpath.replace('.', 'pathod');
    const attributes = name.endsWith('.json') ? ', { with: { type: "json" } }' : '';
    const script = `
      const required = Object.keys(require('${name}'));
      import('${name}'${attributes}).then((module) => console.log(required.length > 0 && Object.keys(module).length > 0));`;
    expect(node('--no-warnings', '-e', script).trim()).toBe('true');
  });

  it.each(['mts', 'cts'])('has every value that its declarations promise to .%s', (extension) => {
    const modules = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
    const names = modules.map((subpath) => subpath.replace('.', 'pathod'));
    const file = join(folder, `values.${extension}`);
    writeFileSync(file, names.map((name, i) => `import * as m${String(i)} from '${name}';\n`).join(''));
    const promised = valueExports(file);
    expect([...promised.keys()]).toEqual(names);
    for (const [name, values] of promised) {
      expect(values.length).toBeGreaterThan(1);
      const load = extension === 'mts' ? `await import('${name}')` : `require('${name}')`;
      const type = `--input-type=${extension === 'mts' ? 'module' : 'commonjs'}`;
      const printed = node(type, '-e', `console.log(JSON.stringify(Object.keys(${load})))`);
      const there = JSON.parse(printed) as readonly string[];
      // In both directions: a value that is not declared is as wrong.
      expect({ name, values: [...there].sort() }).toEqual({ name, values });
    }
  });

  it('holds the build, the documentation, the licences and nothing else', () => {
    const own = readdirSync(join(folder, 'node_modules/pathod')).sort();
    expect(own.filter((file) => !/^(README|CHANGELOG)\.md$/.test(file))).toEqual([
      'LICENSE',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(existsSync(join(folder, 'node_modules/pathod/dist/THIRD-PARTY-LICENCES.txt'))).toBe(true);
  });

  it('imports nothing that it does not declare', () => {
    const dist = join(folder, 'node_modules/pathod/dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(c?js|d\.c?ts)$/.test(file),
    );
    const imported = files.flatMap((file) =>
      [
        ...readFileSync(join(dist, file), 'utf8').matchAll(
          /^(?:import|export|var|const)\b.*?(?:from |require\(|import )["']([^."'][^"']*)["']/gm,
        ),
      ].map(([, specifier]) => specifier ?? ''),
    );
    const declared = Object.keys(manifest.dependencies ?? {});
    const strangers = imported.filter((specifier) => !isBuiltin(specifier) && !declared.includes(specifier));
    expect([...new Set(strangers)]).toEqual([]);
  });
});
