/** Loaded late: nobody waits for jiti who has no scripts. */
import { ScriptError } from '../../errors.js';
import { systemReason } from '../../net/system-error.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { scriptAddons } from './script-addons.js';
import type { ScriptFile } from './script-file.js';
import { fileVersion } from './file-version.js';
import { ScriptModules } from './script-modules.js';
import { withScriptPlaces } from './script-places.js';
import { acceptSnakeNames } from './snake-names.js';

/** A script that was run, or a failure. */
export interface LoadedScript {
  /** What it brings; or why it brings nothing. */
  readonly addons: readonly Addon[] | ScriptError;
  /** The files that it is made of, by path, and the version of each. */
  readonly files: ReadonlyMap<string, string>;
}

/** Runs a script anew. Nobody is told of its addons yet. */
export async function loadScript(
  { spec, path, name, words }: ScriptFile,
  context: AddonContext,
): Promise<LoadedScript> {
  acceptSnakeNames();
  const modules = new ScriptModules(path);
  try {
    const exported = await modules.load();
    return { addons: await scriptAddons(exported, { name, words }, context), files: modules.files };
  } catch (error) {
    // One that cannot be read is looked at again, too.
    const files = modules.files.size > 0 ? modules.files : new Map([[path, fileVersion(path)]]);
    return { addons: scriptError(spec, error), files };
  }
}

/** The place is told when it is one in the script. */
function scriptError(spec: string, thrown: unknown): ScriptError {
  const { error, file } = withScriptPlaces(thrown);
  return new ScriptError(spec, file === undefined ? systemReason(error).reason : error);
}
