import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.js';
import { findScript, splitWords } from '../../../src/proxy/scripts/script-file.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(join(directory, 'tag.ts'), '');
});

describe('a script', () => {
  it('is a file', () => {
    const path = join(directory, 'tag.ts');
    expect(findScript(path)).toEqual({ spec: path, path, name: 'tag.ts', words: [] });
  });

  it('is in TypeScript or JavaScript', () => {
    for (const name of ['tag.py', 'tag.TSX']) {
      writeFileSync(join(directory, name), '');
      expect(() => findScript(`${directory}/${name} x`)).toThrow(
        `script ${directory}/${name} x is no script: those are in TypeScript or JavaScript, and end in .ts, `,
      );
    }
    writeFileSync(join(directory, 'tag'), '');
    expect(findScript(join(directory, 'tag'))).toMatchObject({ name: 'tag' });
    for (const empty of ['', ' ']) expect(() => findScript(empty)).toThrow('takes names of files, not an empty text');
  });

  it('may have blanks in its name', () => {
    const path = join(directory, 'tag.ts blue');
    writeFileSync(path, '');
    expect(findScript(path)).toMatchObject({ path, name: 'tag.ts blue', words: [] });
  });

  it('may be followed by words, as in mitmproxy 1.0', () => {
    const path = join(directory, 'tag.ts');
    expect(findScript(`${path} blue 'light green'`)).toMatchObject({ path, words: ['blue', 'light green'] });
  });

  it('that is not there is named, and what is missing', () => {
    expect(() => findScript(join(directory, 'tog.ts'))).toThrow(
      `script ${directory}/tog.ts does not exist: ${directory}/tog.ts`,
    );
    expect(() => findScript(join(directory, 'no/tag.ts'))).toThrow(`there is no directory ${directory}/no`);
    expect(() => findScript(`${directory}/tog.ts blue`)).toThrow(
      new OptionError(
        `script ${directory}/tog.ts blue does not exist: neither ${directory}/tog.ts blue nor, with arguments, ${directory}/tog.ts`,
      ),
    );
    expect(() => findScript(`${directory}/tog blue`)).toThrow(/: \S+tog blue$/);
    mkdirSync(join(directory, 'tags'));
    expect(() => findScript(join(directory, 'tags'))).toThrow(`script ${directory}/tags is not a file`);
  });
});

describe('words', () => {
  it.each([
    ['a  b', ['a', 'b']],
    [`'a b' "c \\"d" e\\ f`, ['a b', 'c "d', 'e f']],
    [`a'b c'd`, ['ab cd']],
    ['', []],
  ])('%s', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});
