/**
 * The build. `dist/` mirrors `src/`: what package.json names as `./dist/x.js` is made from `src/x.ts`,
 * so a new subpath is one new entry of its `exports` and nothing here.
 *
 * chevrotain is bundled in both formats: Jest cannot require an ESM-only dependency, and loading it as
 * its own 700 files takes 240 ms, as one file 8 ms. Code is split, so that every entry and both
 * programs share one copy of each class and `instanceof` holds across subpaths.
 */
import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  exports: Record<string, string | { import: string; require: string }>;
  bin: Record<string, string>;
}

// The package's own manifest; test/packaging holds its shape to what is built.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** `./dist/language/index.js` -> `['language/index', 'src/language/index.ts']`, for those that exist. */
function entries(built: readonly string[]): Record<string, string> {
  const names = built.map((path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, ''));
  const existing = names.filter((name) => existsSync(`src/${name}.ts`));
  return Object.fromEntries(existing.map((name) => [name, `src/${name}.ts`]));
}

const modules = entries(Object.values(manifest.exports).flatMap((to) => (typeof to === 'string' ? [] : [to.import])));
const programs = entries(Object.values(manifest.bin));

const shared = {
  target: 'node20.17',
  platform: 'node' as const,
  splitting: true,
  clean: false,
  dts: { entry: modules },
};

export default defineConfig([
  { ...shared, format: 'esm', entry: { ...modules, ...programs } },
  // `treeshake` lets Rollup write the CommonJS chunks; without it they go through a compiler for old engines.
  // `shims` tells CommonJS where it lies, as `import.meta.url` tells modules.
  { ...shared, format: 'cjs', entry: modules, treeshake: true, shims: true },
]);
