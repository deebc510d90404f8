import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scriptedProxy } from './scripted-proxy.js';

/** A script that tells a word from another file when it runs. */
const saying = (from: string): string => `
  import { word } from '${from}';
  export const running = (_, { log }) => log.info('runs with ' + word);`;

const word = (text: string): string => `export const word: string = '${text}';`;

/** Has a link lead elsewhere, in one step. */
function link(target: string, at: string): void {
  symlinkSync(target, `${at}.new`);
  renameSync(`${at}.new`, at);
}

describe('a file that is imported', () => {
  it.each(['./word.ts', './word.js', './word', './more/word', './more'])(
    'goes, and is noticed when it comes back: %s',
    async (from) => {
      const name = { './more/word': 'more/word.ts', './more': 'more/index.ts' }[from] ?? 'word.ts';
      const { write, logged, directory } = await scriptedProxy({ 'a.mjs': "export const word = 'none';" });
      mkdirSync(join(directory, 'more'));
      write(name, word('one'));
      write('a.mjs', saying(from));
      await logged(/runs with one/);
      renameSync(join(directory, name), join(directory, `${name}.bak`));
      expect(await logged(/^error/)).toContain(`there is no module ${from} (at a.mjs:2:`);
      write(name, word('two'));
      await logged(/runs with two/);
    },
  );

  it('is noticed when it comes after the line that imports it', async () => {
    const { write, logged } = await scriptedProxy({ 'a.ts': 'export const running = () => undefined;' });
    write('a.ts', saying('./w'));
    await logged(/^error: .*there is no module \.\/w/);
    write('w.ts', word('one'));
    await logged(/runs with one/);
  });
});

describe('a link', () => {
  it('to a script leads to the files beside its target, and is noticed when it leads elsewhere', async () => {
    const { proxy, write, logged, directory } = await scriptedProxy({ 'empty.mjs': 'export const running = () => 1;' });
    for (const name of ['one', 'two']) {
      mkdirSync(join(directory, name));
      write(`${name}/a.ts`, saying('./word.js'));
      write(`${name}/word.ts`, word(name));
    }
    const script = join(directory, 'a.ts');
    link(join(directory, 'one/a.ts'), script);
    await proxy.configure({ scripts: [script] });
    await logged(/runs with one/);
    link(join(directory, 'two/a.ts'), script);
    await logged(/runs with two/);
    write('two/word.ts', word('three'));
    await logged(/runs with three/);
    expect(readlinkSync(script)).toContain('two');
  });

  it('to a file that is imported is noticed when it leads elsewhere', async () => {
    const { proxy, write, logged, directory } = await scriptedProxy({ 'empty.mjs': 'export const running = () => 1;' });
    for (const name of ['one', 'two']) write(`${name}.ts`, word(name));
    link(join(directory, 'one.ts'), join(directory, 'word.ts'));
    await proxy.configure({ scripts: [write('a.ts', saying('./word'))] });
    await logged(/runs with one/);
    link(join(directory, 'two.ts'), join(directory, 'word.ts'));
    await logged(/runs with two/);
    rmSync(join(directory, 'word.ts'));
    await logged(/^error: .*there is no module/);
  });
});
