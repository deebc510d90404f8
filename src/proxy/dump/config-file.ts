/** The files `config.yaml` and `config.yml` of the configuration directory: options by name. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isOwnError, OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { Options } from '../../options/define.js';
import { expectation } from '../../options/read-value.js';
import { snakeName } from '../../options/set.js';
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
    return { path, ...readSettings(options, text === undefined ? [] : settingsOf(readFlatYaml(text), options)) };
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

/** @throws {OptionError} for a list where one value belongs, and for a flag or a needed value that is empty */
function settingsOf(values: ReadonlyMap<string, string | null | readonly string[]>, options: Options): string[] {
  const byName = new Map(options.list.map((named) => [snakeName(named), named.option]));
  return [...values].flatMap(([name, value]) => {
    const option = byName.get(name.replaceAll('-', '_'));
    if (typeof value === 'string') return [`${name}=${value}`];
    if (value === null) {
      // Behind --set, a flag without a value is turned on.
      if (option?.type === 'boolean') throw new OptionError(`${name} needs a value: ${expectation(option)}`);
      return [name];
    }
    if (option !== undefined && option.type !== 'list') {
      throw new OptionError(`${name} takes ${expectation(option)}, not a list`);
    }
    return value.length === 0 ? [name] : value.map((item) => `${name}=${item}`);
  });
}
