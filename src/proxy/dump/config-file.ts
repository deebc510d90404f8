/** The files `config.yaml` and `config.yml` of the configuration directory: options by name. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isOwnError, OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { Options } from '../../options/define.js';
import { readSettings } from './command-line.js';
import type { ReadSettings } from './command-line.js';
import { readFlatYaml } from './flat-yaml.js';

/** The names that such files have; what the second sets goes before. */
const fileNames = ['config.yaml', 'config.yml'];

/** What a file sets. */
export interface ConfigFile extends ReadSettings {
  readonly path: string;
}

/**
 * What the files of a directory set, one after the other; nothing when there are none.
 * @throws {OptionError} when it cannot be read, is not options by name, or gives one a value that it does not take
 */
export async function readConfigFiles(directory: string, options: Options): Promise<readonly ConfigFile[]> {
  const folder = resolve(expandHome(directory));
  return Promise.all(fileNames.map((name) => readConfigFile(join(folder, name), options)));
}

async function readConfigFile(path: string, options: Options): Promise<ConfigFile> {
  const text = await textOf(path);
  try {
    return { path, ...readSettings(options, text === undefined ? [] : settingsOf(readFlatYaml(text))) };
  } catch (error) {
    if (!(error instanceof SyntaxError || isOwnError(error))) throw error;
    throw new OptionError(`${path}: ${error.message}`);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, reason } = systemReason(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new OptionError(`${path} cannot be read: ${reason}`);
  }
}

function settingsOf(values: ReadonlyMap<string, string | null | readonly string[]>): string[] {
  return [...values].flatMap(([name, value]) => {
    if (value === null) return [name];
    if (typeof value === 'string') return [`${name}=${value}`];
    return value.length === 0 ? [name] : value.map((item) => `${name}=${item}`);
  });
}
