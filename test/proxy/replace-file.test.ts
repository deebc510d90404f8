import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replaceFile } from '../../src/proxy/replace-file.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

it('a file stays as it was when the new one cannot be written to its end', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'archive.har');
  writeFileSync(path, 'whole');
  const replacing = replaceFile(path, async (unfinished) => {
    await appendFile(unfinished, 'a pa');
    throw new Error('no space left');
  });
  await expect(replacing).rejects.toThrow('no space left');
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(readdirSync(directory)).toEqual(['archive.har']);
});
