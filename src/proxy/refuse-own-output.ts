import { OptionError } from '../errors.js';
import { expandHome } from '../net/expand-home.js';
import type { AddonContext } from './hooks/addon.js';
import { isSameFile } from './is-same-file.js';
import { formatTime, readSavePath } from './save-path.js';

/** Options that say where flows are written to: with these, {@link refuseOwnOutput} may give something else. */
export const outputOptions: readonly string[] = ['saveStreamFile', 'hardump'];

/**
 * Refuses to write to files that are read, by whatever name: they would be emptied, or never come to an end. To be
 * called before those who write open anything.
 * @param files paths of files that are read, as options name them
 * @param mayGrow whether flows may be written behind those that are read
 * @throws {OptionError} when `save_stream_file` or `hardump` is one of them
 */
export async function refuseOwnOutput(
  files: readonly string[],
  { options, now }: AddonContext,
  mayGrow: boolean,
): Promise<void> {
  const { saveStreamFile, hardump } = options;
  const outputs: string[] = [];
  if (typeof saveStreamFile === 'string' && saveStreamFile !== '') {
    const { path, append } = readSavePath(saveStreamFile);
    if (!append || !mayGrow) outputs.push(formatTime(path, new Date(now() * 1000)));
  }
  if (typeof hardump === 'string' && hardump !== '' && hardump !== '-') outputs.push(expandHome(hardump));
  for (const written of outputs) {
    for (const read of files) {
      if (!(await isSameFile(expandHome(read), written))) continue;
      throw new OptionError(`flows cannot be written to ${written}: it is the file that they are read from`);
    }
  }
}
