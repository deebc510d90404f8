import type { Files } from '../language/index.js';

/** What a spec may refer to by name. */
export interface SpecSources {
  /** Where values and whole specs are loaded from. */
  readonly files: Files;
  /** Faults of the user, name to spec. */
  readonly faults: Readonly<Record<string, string>>;
}
