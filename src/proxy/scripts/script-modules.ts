/**
 * Loads a script and the files that it imports, each time anew: Node keeps every module that it has loaded for good.
 *
 *     file -> jiti: TypeScript and `import` become a function -> run, with imports answered from here
 *              |- ./local files     loaded here, too: a change of them is seen
 *              |- pathod/proxy ...  the copy that runs here
 *              '- packages, node:   Node's own loader
 *
 * Plain CommonJS runs as it stands.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { createJiti } from 'jiti';
import type { Jiti } from 'jiti';
import { isError } from '../../errors.js';
import { fileVersion } from './file-version.js';
import { importCandidates } from './import-candidates.js';
import { isFile } from './is-file.js';
import { isOwnName, ownModule } from './own-modules.js';
import type { OwnName } from './own-modules.js';
import { noteScript } from './script-places.js';

/** What a module gives to those who import it. */
type Exports = Record<string, unknown>;

/** A local file that was loaded, or is being loaded. */
interface LocalModule {
  exports: unknown;
  /** Settles when it has run. */
  ready: Promise<void>;
}

/** A file that cannot be understood. The stack names the place in it. */
class ParseError extends SyntaxError {
  constructor(message: string, file: string, line: number, column: number) {
    super(message);
    this.stack = `SyntaxError: ${message}\n    at ${noteScript(file, '')}:${String(line)}:${String(column)}`;
  }
}

/** What jiti makes of a file that it cannot read. */
const failure = /^exports\.__JITI_ERROR__ = (\{.*\})$/s;

/** Parameters of what jiti makes of a module. */
const asyncHead = '(async function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) {';
const head = '(function (exports, require, module, __filename, __dirname) {';

/** One script with its local files. */
export class ScriptModules {
  private readonly modules = new Map<string, LocalModule>();
  private readonly own = new Map<string, Exports>();
  private readonly jiti: Jiti;

  /**
   * @param main the path of the script
   * @param files gets the local files as they are read, by path, and what tells one version of them from another
   */
  constructor(
    private readonly main: string,
    private readonly files: Map<string, string>,
  ) {
    // Whatever the environment says: nothing is kept from one time to the next, in memory or on the disk.
    const fresh = { fsCache: false, moduleCache: false, tryNative: false, tsconfigPaths: false, alias: {} };
    this.jiti = createJiti(main, { ...fresh, sourceMaps: true, interopDefault: true });
  }

  /**
   * Runs the script.
   * @returns what it exports
   * @throws what it throws, and for what it imports and there is not
   */
  async load(): Promise<unknown> {
    return this.import(this.main, []);
  }

  private async import(path: string, chain: readonly string[]): Promise<unknown> {
    const known = this.modules.get(path);
    if (known !== undefined) {
      // In a circle, one of them sees the other half done, as everywhere.
      if (!chain.includes(path)) await known.ready;
      return known.exports;
    }
    const text = this.read(path);
    // CommonJS cannot wait for it later.
    for (const name of requiredOwn(text)) this.own.set(name, importable(await ownModule(name)));
    const module: LocalModule = { exports: {}, ready: Promise.resolve() };
    this.modules.set(path, module);
    module.ready = this.run(path, text, module, [...chain, path]);
    await module.ready;
    return module.exports;
  }

  private async run(path: string, text: string, module: LocalModule, chain: readonly string[]): Promise<void> {
    if (extname(path) === '.json') {
      module.exports = JSON.parse(text);
      return;
    }
    const plain = plainScript(path, text);
    if (plain !== undefined) {
      this.runPlain(plain, path, module, chain);
      return;
    }
    const run = compile(path, asyncHead, this.transformed(path, text, true));
    // Both fail before anything is waited for, so that the stack leads to the line that imports.
    const importHere = (specifier: string): Promise<unknown> => this.importFrom(specifier, path, chain);
    const resolve = (specifier: string): string => pathToFileURL(this.resolve(specifier, path)).href;
    await run(module.exports, this.requireFor(path, chain), module, path, dirname(path), importHere, resolve);
  }

  private runPlain(run: CompiledModule, path: string, module: LocalModule, chain: readonly string[]): void {
    run(module.exports, this.requireFor(path, chain), module, path, dirname(path));
  }

  private importFrom(specifier: string, from: string, chain: readonly string[]): Promise<unknown> {
    if (isOwnName(specifier)) return ownModule(specifier).then(importable);
    if (isBuiltin(specifier)) return Promise.resolve(createRequire(from)(specifier));
    const path = this.resolve(specifier, from);
    if (this.isLocal(path)) return this.import(path, chain);
    return import(/* @vite-ignore */ pathToFileURL(path).href).then(
      (namespace: Exports) => importable(namespace),
      (error: unknown) => requireRefused(specifier, from, error),
    );
  }

  private requireFor(from: string, chain: readonly string[]): (specifier: string) => unknown {
    const native = createRequire(from);
    return (specifier) => {
      const own = this.own.get(specifier);
      if (own !== undefined) return own;
      if (isBuiltin(specifier)) return native(specifier) as unknown;
      const path = this.resolve(specifier, from);
      return this.isLocal(path) ? this.require(path, chain) : (native(path) as unknown);
    };
  }

  /** As {@link import}, of what does not wait for anything. */
  private require(path: string, chain: readonly string[]): unknown {
    const known = this.modules.get(path);
    if (known !== undefined) return known.exports;
    const module: LocalModule = { exports: {}, ready: Promise.resolve() };
    const text = this.read(path);
    this.modules.set(path, module);
    if (extname(path) === '.json') module.exports = JSON.parse(text);
    else {
      const run = plainScript(path, text) ?? compile(path, head, this.transformed(path, text, false));
      this.runPlain(run, path, module, [...chain, path]);
    }
    return module.exports;
  }

  private read(path: string): string {
    this.files.set(path, fileVersion(path));
    return readFileSync(path, 'utf8');
  }

  private transformed(filename: string, source: string, async: boolean): string {
    const code = this.jiti.transform({ source, filename, ts: /^\.[cm]?ts$/.test(extname(filename)), async });
    const [, told] = failure.exec(code) ?? [];
    if (told === undefined) return code;
    const { message, line, column } = JSON.parse(told) as { message: string; line: number; column: number };
    throw new ParseError(plainReason(message), filename, line, column + 1);
  }

  /** Whether a file belongs to the script: packages do not change while one writes. */
  private isLocal(path: string): boolean {
    return packageOf(path) === packageOf(this.main) && /\.(?:[cm]?[jt]s|json)$/.test(path);
  }

  /** The file that is meant. @throws {Error} when there is none */
  private resolve(specifier: string, from: string): string {
    const local = /^\.{0,2}\//.test(specifier) ? this.fileAt(resolvePath(dirname(from), specifier)) : undefined;
    const path = local ?? this.resolveAsNode(specifier, from);
    // Node remembers what it has found, and does not look whether it is still there.
    if (path === undefined || !isFile(path)) throw new Error(`there is no module ${specifier}`);
    return path;
  }

  /** The file that a path means. The script is looked at again when it leads elsewhere, or anywhere at all. */
  private fileAt(path: string): string | undefined {
    const candidates = importCandidates(path);
    const found = candidates.find(isFile);
    for (const watched of found === undefined ? candidates : [found]) this.files.set(watched, fileVersion(watched));
    return found === undefined ? undefined : realpathSync(found);
  }

  private resolveAsNode(specifier: string, from: string): string | undefined {
    // What it gives is a URL of a file, or the name of a module of Node.
    const found = this.jiti.esmResolve(specifier, { parentURL: pathToFileURL(from).href, try: true }) as
      string | URL | undefined;
    return found === undefined ? undefined : fileURLToPath(found);
  }
}

type CompiledModule = (...given: readonly unknown[]) => unknown;

/** A file that is CommonJS as it stands. */
function plainScript(path: string, text: string): CompiledModule | undefined {
  if (!/^\.c?js$/.test(extname(path))) return undefined;
  try {
    return compile(path, head, text.replace(/^#!/, '//'));
  } catch (error) {
    // A module; or a mistake, which jiti explains better than Node.
    if (isError(error) && error.name === 'SyntaxError') return undefined;
    throw error;
  }
}

function compile(filename: string, parameters: string, code: string): CompiledModule {
  const script = new Script(`${parameters}${code}\n})`, {
    filename: noteScript(filename, code),
    columnOffset: -parameters.length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // The text is that of a function.
  return script.runInThisContext() as CompiledModule;
}

/** The names of this package that CommonJS asks for. */
function requiredOwn(text: string): OwnName[] {
  return [...text.matchAll(/\brequire\(\s*['"]([\w/]+)['"]\s*\)/g)].map(([, name = '']) => name).filter(isOwnName);
}

/** The directory of the package that a file belongs to, when it is an installed one. */
function packageOf(path: string): string {
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(path)?.[0] ?? '';
}

/** What Babel says of a file that it cannot read, in a line: without advice for those who configure Babel. */
function plainReason(message: string): string {
  const [, syntax] = /^Support for the experimental syntax '(\w+)'/.exec(message) ?? [];
  return syntax === undefined ? message.trim() : `the syntax ${syntax} is not understood in scripts`;
}

/**
 * Loads a package where Node was refused to import it: Jest lets nobody import in a context of its own, but for a flag.
 * @param error why it was not imported
 */
function requireRefused(specifier: string, from: string, error: unknown): unknown {
  if (!isError(error) || !('code' in error) || error.code !== 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG')
    throw error;
  try {
    return createRequire(from)(specifier);
  } catch (cause) {
    const [reason = ''] = (isError(cause) ? cause.message : String(cause)).split('\n');
    throw new Error(
      `${specifier} cannot be required, and to import it Node needs the flag --experimental-vm-modules: ${reason}`,
      { cause },
    );
  }
}

/** A namespace as what jiti makes of `import` takes it. */
function importable(namespace: Readonly<Exports>): Exports {
  return Object.defineProperty({ ...namespace }, '__esModule', { value: true });
}
