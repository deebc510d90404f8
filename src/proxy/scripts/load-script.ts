/** Loaded late: nobody waits for jiti who has no scripts. */
import { realpathSync } from 'node:fs';
import { isError, ScriptError } from '../../errors.js';
import { systemReason } from '../../net/system-error.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { scriptAddons } from './script-addons.js';
import type { ScriptFile } from './script-file.js';
import { fileVersion } from './file-version.js';
import { ScriptModules } from './script-modules.js';
import { withScriptPlaces } from './script-places.js';
import { acceptSnakeNames } from './snake-names.js';

/**
 * Runs a script anew. Nobody is told of its addons yet.
 * @param files gets the files that it is made of as they are read, by path, and the version of each
 * @returns what it brings
 * @throws {ScriptError} when it cannot be run
 */
export async function loadScript(
  { spec, path, name, words }: ScriptFile,
  context: AddonContext,
  files: Map<string, string> = new Map<string, string>(),
): Promise<readonly Addon[]> {
  acceptSnakeNames();
  // Imports lead on from where the file is, as in Node, and not from a link to it: that may lead elsewhere later.
  files.set(path, fileVersion(path));
  try {
    const exported = await new ScriptModules(realpathSync(path), files).load();
    return await scriptAddons(exported, { name, words }, context);
  } catch (error) {
    throw scriptError(spec, error);
  }
}

/** The place is told when it is one in the script. */
function scriptError(spec: string, thrown: unknown): ScriptError {
  const { error, file } = withScriptPlaces(thrown);
  return new ScriptError(spec, file === undefined && isError(error) ? systemReason(error).reason : error);
}
