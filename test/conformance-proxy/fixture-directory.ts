import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesIn, readJson } from './corpus-files.js';

/** The files that vectors speak of as `@FIXTURE@`, written where they can be read. */
export interface FixtureDirectory {
  readonly path: string;
  remove(): void;
}

/** Writes what `vectors/fixtures.json` holds. */
export function writeFixtures(directory: string): FixtureDirectory {
  const path = mkdtempSync(join(tmpdir(), 'pathod-vectors-'));
  for (const [name, text] of Object.entries(filesOf(directory))) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true });
    },
  };
}

/** Texts by name. A description that cannot be read describes none: the vectors that want it fail. */
function filesOf(directory: string): Readonly<Record<string, string>> {
  if (!filesIn(directory, 'vectors', '.json').includes('fixtures.json')) return {};
  try {
    const { files = {} } = readJson(directory, 'vectors', 'fixtures.json') as {
      readonly files?: Readonly<Record<string, string>>;
    };
    return files;
  } catch {
    return {};
  }
}
