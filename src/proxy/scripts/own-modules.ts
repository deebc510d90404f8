/**
 * What a script imports from this package, by the names that users know. It gets the very copy that runs here, wherever
 * the script lies: otherwise no flow would be an instance of the classes that the script knows.
 */
import { createRequire } from 'node:module';

/** Below `src/`, for when this runs from there. */
const sources = {
  pathod: 'index',
  'pathod/language': 'language/index',
  'pathod/proxy': 'proxy/index',
  'pathod/proxy/testing': 'proxy/testing/index',
} as const;

/** A name by which the package is imported. */
export type OwnName = keyof typeof sources;

/** Whether a script means this package by what it imports. */
export function isOwnName(specifier: string): specifier is OwnName {
  return Object.hasOwn(sources, specifier);
}

/**
 * Loads a module of this package. By its name and not by a path: no module here depends on those above it, and none is
 * loaded that no script asks for.
 */
export async function ownModule(name: OwnName): Promise<Readonly<Record<string, unknown>>> {
  const here = import.meta.url;
  // Modules are objects.
  type Module = Readonly<Record<string, unknown>>;
  if (here.endsWith('.cjs')) return createRequire(here)(name) as Module;
  const from = here.endsWith('.ts') ? new URL(`../../${sources[name]}.ts`, here).href : name;
  return (await import(/* @vite-ignore */ from)) as Module;
}
