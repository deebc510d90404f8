import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { scriptedProxy } from './scripted-proxy.js';

/** Where scripts of these tests tell that they wait, and are told to go on. */
const between = new EventEmitter();
Object.assign(globalThis, { betweenScriptsAndTests: between });

/** What a script waits for, for ever unless somebody emits `goOn`. */
const hang = `new Promise((resolve) => {
  globalThis.betweenScriptsAndTests.once('goOn', resolve).emit('hangs');
})`;

/** A script that tells when it runs and when it is over. */
function telling(word: string, more = ''): string {
  return `
    export const running = (_, { log }) => log.info('${word} runs');
    export const done = (_, { log }) => log.info('${word} is over');
    export const commands = { 'word.now': { help: '', parameters: [], run: () => '${word}' } };
    ${more}`;
}

const hungs = [
  ['outside functions', `await ${hang};`],
  ['in load', `export const load = () => ${hang};`],
  ['in configure', `export const configure = () => ${hang};`],
] as const;

describe('a version that never finishes loading', () => {
  it.each(hungs)('gives way to the next one: %s', async (_, hung) => {
    const { proxy, write, logged, lines } = await scriptedProxy({ 'a.mjs': telling('one') });
    const hangs = once(between, 'hangs');
    write('a.mjs', telling('two', hung));
    await hangs;
    write('a.mjs', telling('three'));
    await logged(/three runs/);
    expect(await proxy.call('word.now')).toBe('three');
    expect(lines.filter((line) => /two runs|error/.test(line))).toEqual([]);
    expect(lines).toContain('info: one is over');
  });

  it.each(hungs)('holds up neither other scripts nor the end: %s', async (_, hung) => {
    const other = (word: string): string => `export const running = (_, { log }) => log.info('other ${word}');`;
    const { proxy, write, logged, lines } = await scriptedProxy({ 'a.mjs': telling('one') });
    const [a] = proxy.options['scripts'] as string[];
    await proxy.configure({ scripts: [a, write('b.mjs', other('one'))] });
    const hangs = once(between, 'hangs');
    write('a.mjs', telling('two', hung));
    await hangs;
    write('b.mjs', other('two'));
    await logged(/other two/);
    await proxy.stop();
    expect(lines.filter((line) => /warn|error|two runs/.test(line.replace('other two', '')))).toEqual([]);
    expect(lines).toContain('info: one is over');
  });

  it('has nothing come of it when it finishes after all', async () => {
    const { write, logged, lines } = await scriptedProxy({ 'a.mjs': telling('one') });
    const hangs = once(between, 'hangs');
    write('a.mjs', telling('two', `await ${hang};\nexport const load = (_, { log }) => log.info('two loads');`));
    await hangs;
    write('a.mjs', telling('three'));
    await logged(/three runs/);
    between.emit('goOn');
    write('a.mjs', telling('four'));
    await logged(/four runs/);
    expect(lines.filter((line) => line.includes('two'))).toEqual([]);
  });

  it('is over when it was loaded, and declares nothing any more', async () => {
    const hung = `
      let loader;
      export const load = (given) => { loader = given; };
      export const configure = async (_, { log }) => {
        await ${hang};
        try { loader.addOption('tooLate', { type: 'string', help: '' }); } catch (error) { log.info(error.message); }
      };`;
    const { proxy, write, logged } = await scriptedProxy({ 'a.mjs': telling('one') });
    const hangs = once(between, 'hangs');
    write('a.mjs', telling('two', hung));
    await hangs;
    write('a.mjs', telling('three'));
    await logged(/two is over/);
    await logged(/three runs/);
    between.emit('goOn');
    await logged(/the addon is not there any more/);
    expect(proxy.options).not.toHaveProperty('tooLate');
  });
});

describe('a version that fails', () => {
  it.each([
    ['in load is not ended', 'load', 0],
    ['in configure is ended', 'configure', 1],
  ])('%s', async (_, hook, times) => {
    const { write, logged, lines } = await scriptedProxy({ 'a.mjs': telling('one') });
    write('a.mjs', telling('two', `export const ${hook} = () => { throw new Error('no'); };`));
    await logged(/failed in .*; the version before goes on/);
    expect(lines.filter((line) => line.includes('two is over'))).toHaveLength(times);
  });
});
