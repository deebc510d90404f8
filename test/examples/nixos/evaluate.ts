import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** A service as the module gives it to NixOS. */
export interface NixosService {
  readonly description: string;
  readonly after: readonly string[];
  readonly wantedBy: readonly string[];
  /** Packages whose programs it finds. */
  readonly path: readonly string[];
  readonly serviceConfig: Readonly<Record<string, string | boolean | readonly string[]>> & {
    readonly ExecStart: string;
  };
}

/** What comes of configurations. */
export interface Evaluated {
  readonly assertions: readonly { readonly assertion: boolean; readonly message: string }[];
  readonly services: Readonly<Record<string, NixosService>>;
  /** The addons by their two names. */
  readonly addons: readonly [unknown, unknown];
}

/** Where the package is said to be. */
export const packagePath = '/nix/store/mitmdump';

const derivation = (path: string): string => `{ type = "derivation"; outPath = "${path}"; }`;

/**
 * Evaluates configurations, bodies of modules in the language of Nix, with the module of `examples/nixos`.
 * @throws {Error} with what nix-instantiate says
 */
export function evaluate(...configurations: readonly string[]): Evaluated {
  const modules = [
    resolve('examples/nixos/mitmdump.nix'),
    `{ services.mitmdump.package = ${derivation(packagePath)}; }`,
    ...configurations.map((configuration) => `({ config, ... }: ${configuration})`),
  ];
  // What the expression below gives.
  return evaluateNix(`
    let config = import ${resolve('test/examples/nixos/module-system.nix')} { modules = [ ${modules.join(' ')} ]; };
    in {
      inherit (config) assertions;
      inherit (config.systemd) services;
      addons = [ config.services.mitmdump.addons config.services.mitmproxy.addons ];
    }`) as Evaluated;
}

/** Evaluates an expression. Files that it refers to are put into a store of their own. */
export function evaluateNix(expression: string): unknown {
  const directory = temporaryDirectory();
  const env: NodeJS.ProcessEnv = { ...process.env, NIX_CONFIG: 'build-users-group =' };
  for (const name of ['STORE', 'STATE', 'LOG', 'CONF', 'LOCALSTATE']) env[`NIX_${name}_DIR`] = join(directory, name);
  const options = ['--eval', '--strict', '--json', '--read-write-mode', '--expr'];
  return JSON.parse(
    execFileSync('nix-instantiate', [...options, expression], { encoding: 'utf8', env, stdio: 'pipe' }),
  ) as unknown;
}
