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
  const there = filesIn(directory, 'vectors', '.json').includes('fixtures.json');
  const { files = {} } = (there ? readJson(directory, 'vectors', 'fixtures.json') : {}) as {
    readonly files?: Readonly<Record<string, string>>;
  };
  for (const [name, text] of Object.entries(files)) {
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
