import type { Files } from '../language/index.js';
import { checkStaticDirectory, staticFiles } from '../net/static-files.js';
import type { PathodValues } from './options.js';
import { ownFaults } from './own-faults.js';

/** What a spec may refer to by name. */
export interface SpecSources {
  /** Where values and whole specs are loaded from. */
  readonly files: Files;
  /** Faults of the user, name to spec. */
  readonly faults: Readonly<Record<string, string>>;
}

/** What specs may refer to in a daemon. @throws {OptionError} for a directory or a fault that is none */
export function specSources(values: Pick<PathodValues, 'staticDirectory' | 'ownFaults'>): SpecSources {
  const { staticDirectory } = values;
  const files = staticFiles(staticDirectory === undefined ? undefined : checkStaticDirectory(staticDirectory));
  return { files, faults: ownFaults(values.ownFaults) };
}
